"""Responses keep their rules for caches, whatever a site has around its URLs."""

import httpx
import pytest
from django.contrib.auth.decorators import login_required
from django.core.cache import cache

from tests.delivery import decorated
from tests.delivery.decorated import DECORATORS, MIDDLEWARE
from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from tests.servers.nginx import Nginx
from wagtail_live.delivery.hub import close_hub

RULES = (
    *("Cache-Control", "Expires", "Pragma", "Surrogate-Control", "X-Accel-Expires"),
    "CDN-Cache-Control",
)
EVERYTHING = {
    "location ~ ^/wagtail_live/(get-updates|poll)/ {": "location ~ ^/wagtail_live/ {",
    "$request_method$request_uri$ten_seconds": "$request_method$request_uri",
}


@pytest.fixture(autouse=True)
def no_stored_responses():
    yield
    cache.clear()


@pytest.fixture(params=[*DECORATORS, *MIDDLEWARE])
def wrapped(request, settings):
    """Return the name of what the site has around its views, once it has it."""
    if decorators := DECORATORS.get(request.param):
        settings.ROOT_URLCONF = decorated.decorate(*decorators)
    else:
        if request.param == "wagtail-cache":
            pytest.importorskip("wagtailcache", reason="wagtail-cache is not installed")
        outer, inner = MIDDLEWARE[request.param]
        settings.MIDDLEWARE = [*outer, *settings.MIDDLEWARE, *inner]
    return request.param


@pytest.fixture
def paths(match_page):
    """URLs of all kinds; a poll begins before the first post."""
    since = match_page.last_update_timestamp
    match_page.add_live_post("<p>Kick-off</p>" + "<p>text</p>" * 100)
    root, channel = "/wagtail_live", match_page.channel_id
    query = f"?last_update_ts={since!r}"
    return {
        "long poll": f"{root}/get-updates/{channel}/{query}",
        "poll": f"{root}/poll/{channel}/{query}",
        "bad request": f"{root}/poll/{channel}/?last_update_ts=x",
        "unknown channel": f"{root}/poll/unknown/{query}",
        "Atom feed": f"{root}/feed/{channel}/atom/",
        "JSON feed": f"{root}/feed/{channel}/json/",
        "API": f"{root}/api/v1/channels/{channel}/posts/",
        "error of the API": f"{root}/api/v1/channels/unknown/posts/",
        "token is missing": f"{root}/api/v1/channels/",
        "OpenAPI": f"{root}/api/v1/openapi.json",
        "status": f"{root}/status/",
        "WebSocket": f"{root}/socket/{channel}/",
    }


def rules_of(response):
    return {name: response[name] for name in RULES if name in response}


PUBLIC = {"Cache-Control": "public, max-age=1"}
UNCACHED = {"Cache-Control": "no-store"}
EXPECTED = {
    "long poll": PUBLIC,
    "poll": PUBLIC,
    "Atom feed": PUBLIC,
    "JSON feed": PUBLIC,
    "API": PUBLIC,
    "OpenAPI": {"Cache-Control": "public, max-age=3600"},
    "status": None,  # as never_cache has it
}


@pytest.mark.django_db
def test_responses_have_their_own_rules(wrapped, client, paths):
    for name, path in paths.items():
        rules = rules_of(client.get(path))
        expected = EXPECTED.get(name, UNCACHED)
        if expected is None:
            assert "no-store" in rules["Cache-Control"], name
            assert "public" not in rules["Cache-Control"], name
        else:
            assert rules == expected, name


@pytest.mark.django_db
def test_requests_that_change_nothing_or_are_refused_have_them_too(
    wrapped, client, paths
):
    assert rules_of(client.post(paths["poll"])) == UNCACHED
    assert rules_of(client.delete(paths["poll"])) == UNCACHED
    assert rules_of(client.head(paths["poll"])) == PUBLIC
    assert rules_of(client.options(paths["Atom feed"])) == UNCACHED


@pytest.mark.django_db
def test_private_answers_stay_private(wrapped, client, paths, match_page, reporter):
    match_page.view_restrictions.create(restriction_type="login")
    client.force_login(reporter)
    for name in ("long poll", "poll", "Atom feed", "JSON feed", "API"):
        response = client.get(paths[name])
        assert response.status_code == 200, name
        assert rules_of(response) == {"Cache-Control": "private, no-store"}, name
        assert "Cookie" in response["Vary"]
    client.logout()
    for name in ("long poll", "poll", "Atom feed", "JSON feed", "API"):
        assert client.get(paths[name]).status_code == 404, name


@pytest.mark.django_db
def test_the_sites_own_cache_keeps_no_answer(wrapped, client, paths, match_page):
    for text in ("Goal", "Penalty"):
        match_page.add_live_post(f"<p>{text}</p>")
        for name in ("long poll", "poll", "Atom feed", "JSON feed", "API"):
            response = client.get(paths[name], headers={"Accept-Encoding": "identity"})
            assert text in response.content.decode(), name


@pytest.mark.django_db
def test_the_sites_own_cache_keeps_no_error(wrapped, client, paths, match_page):
    match_page.unpublish()
    assert client.get(paths["poll"]).status_code == 404
    match_page.get_latest_revision_as_object().save_revision().publish()
    assert client.get(paths["poll"]).status_code == 200


@pytest.mark.django_db
def test_a_304_has_the_rules_of_the_answer(wrapped, client, paths, match_page):
    for name in ("poll", "long poll", "Atom feed", "JSON feed", "API"):
        response = client.get(paths[name])
        if etag := response.get("ETag"):
            again = client.get(paths[name], headers={"If-None-Match": etag})
            assert again.status_code == 304, name
            assert rules_of(again) == PUBLIC, name


@pytest.mark.django_db
def test_compressed_answers_say_so_to_caches(settings, client, paths):
    settings.ROOT_URLCONF = decorated.decorate(*DECORATORS["gzip_page"])
    headers = {"Accept-Encoding": "gzip"}
    response = client.get(paths["poll"], headers=headers)
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    headers["If-None-Match"] = response["ETag"]
    assert client.get(paths["poll"], headers=headers).status_code == 304


@pytest.mark.django_db
def test_a_decorator_of_the_site_sets_its_headers(settings, client, paths):
    settings.ROOT_URLCONF = decorated.decorate(decorated.of_the_site)
    for path in paths.values():
        assert client.get(path)["X-Site"] == "News"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "wrapped", ["cache_control", "of the site", "surrogate"], indirect=True
)
def test_a_stream_keeps_its_rules(wrapped, paths):
    path = paths["poll"].replace("/poll/", "/stream/")
    with SiteInProcess() as site, httpx.stream("GET", site.url + path) as stream:
        assert stream.headers["Cache-Control"] == "no-cache, no-transform"
        assert any("Kick-off" in line for line in stream.iter_lines())
    close_hub()


@pytest.mark.django_db
def test_answers_that_need_a_login_are_not_shared(settings, client, paths, reporter):
    settings.ROOT_URLCONF = decorated.decorate(login_required, decorated.public)
    client.force_login(reporter)
    for name in ("long poll", "poll", "Atom feed", "JSON feed", "API"):
        assert "Cookie" in client.get(paths[name])["Vary"], name
    client.logout()
    for name in ("long poll", "poll", "Atom feed", "JSON feed", "API"):
        assert client.get(paths[name]).status_code == 302, name


@pytest.fixture
def caching_nginx(wrapped, transactional_db):
    """The site and nginx, which keeps whatever the site says it may."""
    with SiteInProcess() as site, Nginx(site.port, EVERYTHING) as nginx:
        yield nginx
    close_hub()


@pytest.mark.slow
@pytest.mark.nginx
@pytest.mark.parametrize(
    "wrapped",
    ["cache_control", "cache_page around cache_control", "patching", "surrogate"],
    indirect=True,
)
def test_nginx_soon_has_what_is_new(
    wrapped, caching_nginx, paths, match_page, client, reporter
):
    urls = {name: caching_nginx.url + path for name, path in paths.items()}
    names = ("long poll", "poll", "Atom feed", "JSON feed", "API")
    for name in names:
        assert "Kick-off" in httpx.get(urls[name]).text
    match_page.add_live_post("<p>Goal</p>")
    for name in names:
        wait_until(lambda name=name: "Goal" in httpx.get(urls[name]).text)
    match_page.view_restrictions.create(restriction_type="login")
    client.force_login(reporter)
    member = {"sessionid": client.cookies["sessionid"].value}
    for name in names:
        wait_until(lambda name=name: httpx.get(urls[name]).status_code == 404)
        assert httpx.get(urls[name], cookies=member).status_code == 200
        assert httpx.get(urls[name]).status_code == 404
    match_page.view_restrictions.all().delete()
    for name in names:
        assert httpx.get(urls[name]).status_code == 200
