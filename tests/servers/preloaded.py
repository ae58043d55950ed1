"""The test site, whose hub is used before the server forks."""

import asyncio

from tests.asgi import application
from wagtail_live.delivery.hub import get_hub

asyncio.run(get_hub().is_public("nobody"))

__all__ = ["application"]
