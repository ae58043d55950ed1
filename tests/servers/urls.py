"""The URLs of the test site, and files that a web server would serve."""

from django.conf import settings
from django.contrib.staticfiles.views import serve as serve_static
from django.http import HttpResponse
from django.urls import path
from django.views.static import serve as serve_media

from tests.urls import urlpatterns as site_urlpatterns


def no_icon(request):
    """Answer Chromium, which logs an error for a missing icon."""
    return HttpResponse(status=204)


urlpatterns = [
    path("favicon.ico", no_icon),
    path("static/<path:path>", serve_static, {"insecure": True}),
    path("media/<path:path>", serve_media, {"document_root": settings.MEDIA_ROOT}),
    *site_urlpatterns,
]
