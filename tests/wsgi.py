import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

application = get_wsgi_application()

from wagtail_live.delivery import hub  # noqa: E402 (needs the apps)

hub.FIRST_LOOK_TIMEOUT = 20.0  # a busy machine may take longer than readers wait
