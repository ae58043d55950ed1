from django.urls import path

from tests import urls as site_urls
from tests.sites.headless.api import router

urlpatterns = [path("api/v2/", router.urls), *site_urls.urlpatterns]
