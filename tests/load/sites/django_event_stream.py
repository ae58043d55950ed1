"""A site with django-eventstream, the reference in Django: settings, URLs, application.

It keeps no events and has no middleware and no database: nothing that would slow it.
"""

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import include, path

settings.configure(
    SECRET_KEY="only for the tests",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django_eventstream"],
    MIDDLEWARE=[],
)
application = get_asgi_application()

import django_eventstream  # noqa: E402 (needs the settings)
from django.http import HttpResponse  # noqa: E402


def publish(request):
    django_eventstream.send_event("match", "message", request.body.decode())
    return HttpResponse(status=201)


urlpatterns = [
    path("publish/", publish),
    path("follow/", include("django_eventstream.urls"), {"channels": ["match"]}),
]
