"""URLs for readers: ``path("wagtail_live/", include("wagtail_live.urls"))``."""

from django.core.exceptions import ImproperlyConfigured

from . import conf
from .publishers.polling import LongPollingPublisher

try:
    publisher = conf.get_publisher()
except ImproperlyConfigured:  # a system check says so; the site still starts
    publisher = LongPollingPublisher

urlpatterns = publisher.get_urls()
