"""What happens between the site's answer and the moment when Pushpin holds the reader."""

from contextlib import ExitStack

import pytest

from tests.engines.gate import Gate
from tests.faults.crowd import Crowd
from tests.faults.journal import Journal
from tests.servers import Uvicorn, wait_until
from tests.servers.pushpin import Pushpin
from wagtail_live.engines import publishing

pytestmark = pytest.mark.slow

TRANSPORTS = ["event-stream", "long-poll"]
HELD_BACK = 4
SOON = 20  # seconds: less than a poll waits


class Place:
    """A site behind a gate behind Pushpin."""

    def __init__(self, stack, variables, settings):
        site = Uvicorn(variables)
        self.gate = Gate(site.port)
        self.pushpin = Pushpin(self.gate.port)
        site.settings = self.pushpin.settings
        for name, value in self.pushpin.settings.items():
            setattr(settings, name, value)
        self.crowd = stack.enter_context(Crowd(self.pushpin))
        self.crowd.run(self.gate.mend())
        stack.callback(lambda: self.crowd.run(self.gate.cut()))
        for server in (site, self.pushpin):
            stack.enter_context(server)

    def hold_back(self, page, transport):
        """Let readers come, whose answers wait at the gate."""
        self.crowd.run(self.gate.close())
        audience = self.crowd.follow(page, [transport], HELD_BACK, wait=False)
        wait_until(lambda: self.gate.waiting >= HELD_BACK, timeout=SOON)
        return audience


@pytest.fixture
def place(shared_database, site_variables, settings):
    with ExitStack() as stack:
        yield Place(stack, site_variables, settings)
        publishing.wait()


@pytest.mark.parametrize("has_others", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_update_comes_once(place, match_page, transport, has_others):
    journal = Journal()
    journal.publish(match_page)
    others = [transport] if has_others else []
    place.crowd.follow(match_page, others, len(others))
    audience = place.hold_back(match_page, transport)
    journal.publish(match_page)
    assert publishing.wait(60)
    place.crowd.run(place.gate.open())
    audience.check(journal, timeout=SOON)
    journal.publish(match_page)
    audience.check(journal, timeout=SOON)


def test_readers_who_lose_access_are_sent_away(place, match_page):
    audience = place.hold_back(match_page, "event-stream")
    match_page.unpublish()
    assert publishing.wait(60)
    place.crowd.run(place.gate.open())
    wait_until(audience.is_let_go, timeout=SOON)
