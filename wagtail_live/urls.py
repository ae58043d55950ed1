"""URLs for readers: ``path("wagtail_live/", include("wagtail_live.urls"))``."""

from .publishers import get_urls

urlpatterns = get_urls()
