"""The test site, with the middleware (``live``) and without it (``plain``)."""

import os

from django.core.asgi import get_asgi_application

from tests.load.queries import QueryCounter
from wagtail_live.asgi import LiveUpdatesMiddleware

plain = get_asgi_application()
QueryCounter(os.environ["TEST_QUERIES"]).install()

live = LiveUpdatesMiddleware(plain)
