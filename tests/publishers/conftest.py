import pytest

from wagtail_live.delivery import direct, streams
from wagtail_live.delivery.hub import close_hub


@pytest.fixture
def site(transactional_db, running_site):
    """The ``running_site`` of the module, with a hub that no test has used."""
    yield running_site
    close_hub()


@pytest.fixture
def short_waits(monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_INTERVAL", 0.1)
    monkeypatch.setattr(direct.rounds, "period", 0.05)
    monkeypatch.setattr("wagtail_live.delivery.hub.SWEEP_INTERVAL", 0.2)
