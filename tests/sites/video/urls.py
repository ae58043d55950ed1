from django.urls import include, path
from wagtail.documents import urls as wagtaildocs_urls

from tests.urls import urlpatterns as others

urlpatterns = [path("documents/", include(wagtaildocs_urls)), *others]
