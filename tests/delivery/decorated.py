"""A site that wraps its URLs in decorators, as many do, to tell caches what to keep."""

from functools import wraps
from types import ModuleType

import pytest
from django.urls import URLPattern, URLResolver
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control, cache_page, never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_cookie, vary_on_headers
from wagtail.utils.urlpatterns import decorate_urlpatterns

from tests import urls

public = cache_control(public=True, max_age=600, s_maxage=600, stale_if_error=3600)


def of_the_site(view):
    """Change each response, as a decorator from before async views does."""

    @wraps(view)
    def changed(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["X-Site"] = "News"
        patch_cache_control(response, public=True, s_maxage=600)
        return response

    return changed


def in_wagtail_cache(view):
    cache = pytest.importorskip("wagtailcache.cache")
    return cache.cache_page(cache.nocache_page(view))


DECORATORS = {
    "cache_control": [public],
    "cache_control private": [cache_control(private=True, max_age=600)],
    "cache_page": [cache_page(600)],
    "cache_page around cache_control": [public, cache_page(600)],
    "never_cache": [never_cache],
    "vary": [vary_on_headers("X-Requested-With", "X-Forwarded-Proto"), public],
    "vary on cookie": [vary_on_cookie, public],
    "gzip_page": [gzip_page, public],
    "csrf_protect": [csrf_protect, public],
    "conditional_page": [conditional_page, public],
    "of the site": [of_the_site],
    "wagtail-cache's": [in_wagtail_cache],
}


def surrogate_middleware(get_response):
    """Tell each cache on the way what to do, without Django's functions."""

    def middleware(request):
        response = get_response(request)
        del response["Cache-Control"]
        response["Cache-Control"] = "public, s-maxage=600"
        response.headers["Expires"] = "Thu, 01 Jan 2099 00:00:00 GMT"
        for name in ("Surrogate-Control", "CDN-Cache-Control", "X-Accel-Expires"):
            response[name] = "max-age=600"
        return response

    return middleware


def patching_middleware(get_response):
    def middleware(request):
        response = get_response(request)
        patch_cache_control(response, public=True, s_maxage=600)
        return response

    return middleware


MIDDLEWARE = {
    "site's cache": (
        ["django.middleware.cache.UpdateCacheMiddleware"],
        ["django.middleware.cache.FetchFromCacheMiddleware"],
    ),
    "wagtail-cache": (
        ["wagtailcache.cache.UpdateCacheMiddleware"],
        ["wagtailcache.cache.FetchFromCacheMiddleware"],
    ),
    "conditional": (
        [
            f"{__name__}.patching_middleware",
            "django.middleware.http.ConditionalGetMiddleware",
        ],
        [],
    ),
    "gzip": (["django.middleware.gzip.GZipMiddleware"], []),
    "locale": ([], ["django.middleware.locale.LocaleMiddleware"]),
    "patching": ([f"{__name__}.patching_middleware"], []),
    "surrogate": ([f"{__name__}.surrogate_middleware"], []),
}


def decorate(*decorators):
    """Return the URL configuration of the test site, with decorated views."""
    patterns = [copy(pattern) for pattern in urls.urlpatterns]
    for decorator in decorators:
        decorate_urlpatterns(patterns, decorator)
    return make_module(patterns)


def make_module(patterns):
    module = ModuleType("decorated_urls")
    module.urlpatterns = patterns
    return module


def copy(pattern):
    """Return the pattern for decorators, which would change the one of all tests."""
    if isinstance(pattern, URLResolver):
        return URLResolver(
            pattern.pattern,
            make_module([copy(each) for each in pattern.url_patterns]),
            pattern.default_kwargs,
            pattern.app_name,
            pattern.namespace,
        )
    return URLPattern(
        pattern.pattern, pattern.callback, pattern.default_args, pattern.name
    )
