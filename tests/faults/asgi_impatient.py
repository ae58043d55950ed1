"""The impatient test site: it drops readers who don't read for two seconds, and
looks after a page for one second after its last reader has left."""

from tests.asgi import application
from wagtail_live.delivery import direct, transports, watch

transports.SEND_TIMEOUT = 2.0
direct.rounds.period = 1.0
watch.IDLE_TIMEOUT = 1.0

__all__ = ["application"]
