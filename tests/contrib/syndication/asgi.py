"""The site of a test, whose webhooks and downloads stay on this machine."""

import os
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.contrib.settings")

from wagtail_live import outbound

outbound.send = partial(outbound.send, is_trusted=True)

from tests.asgi import application  # noqa: E402, F401
from wagtail_live.contrib.syndication.receiver import SyndicationReceiver  # noqa: E402
from wagtail_live.receivers.fetch import Fetcher  # noqa: E402

SyndicationReceiver.get_fetcher = lambda receiver: Fetcher((), trust_loopback=True)
