"""The test site, which drops a reader who does not read after two seconds."""

from tests.asgi import application
from wagtail_live import asgi

asgi.PATIENCE = 2.0

__all__ = ["application"]
