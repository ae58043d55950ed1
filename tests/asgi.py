import os

from django.core.asgi import get_asgi_application

from tests.patience import be_patient
from wagtail_live.asgi import LiveUpdatesMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

application = get_asgi_application()
be_patient()
if not os.environ.get("TEST_WITHOUT_MIDDLEWARE"):
    application = LiveUpdatesMiddleware(application)
