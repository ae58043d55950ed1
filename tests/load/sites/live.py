"""The test site, with the middleware (``live``) and without it (``plain``)."""

import os

from django.core.asgi import get_asgi_application

from tests.load.queries import QueryCounter

plain = get_asgi_application()
QueryCounter(os.environ["TEST_QUERIES"]).install()

from wagtail_live.asgi import LiveUpdatesMiddleware  # noqa: E402 (needs the apps)

live = LiveUpdatesMiddleware(plain)
