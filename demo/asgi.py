import os

from django.core.asgi import get_asgi_application

from wagtail_live.asgi import LiveUpdatesMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
application = LiveUpdatesMiddleware(get_asgi_application())
