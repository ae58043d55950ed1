"""A process that is killed while it publishes a channel.

python -m tests.faults.crashing CHANNEL_ID before|after
"""

import os
import signal
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from wagtail_live import conf  # noqa: E402
from wagtail_live.engines.outbox import publish  # noqa: E402

channel_id, moment = sys.argv[1:]
engine = conf.get_engine()


class Crashing(type(engine)):
    def publish(self, *arguments, **options):
        if moment == "after":
            super().publish(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)


engine.__class__ = Crashing
for server in engine.servers:
    publish(engine, server, channel_id)
