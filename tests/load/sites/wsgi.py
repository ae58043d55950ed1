"""The test site under WSGI."""

import os

from django.core.wsgi import get_wsgi_application

from tests.load.queries import QueryCounter

application = get_wsgi_application()
QueryCounter(os.environ["TEST_QUERIES"]).install()
