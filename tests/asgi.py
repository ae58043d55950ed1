import os

from django.core.asgi import get_asgi_application

from wagtail_live.asgi import LiveUpdatesMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

application = get_asgi_application()
if not os.environ.get("TEST_WITHOUT_MIDDLEWARE"):
    application = LiveUpdatesMiddleware(application)

from wagtail_live.delivery import hub  # noqa: E402 (needs the apps)

hub.FIRST_LOOK_TIMEOUT = 20.0  # a busy machine may take longer than readers wait
