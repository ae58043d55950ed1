"""A table of faults: nothing is lost, repeated or out of order for readers of Pushpin."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests.engines.places import SERVERS, start_place
from tests.faults.cable import Cable
from tests.faults.crowd import Crowd
from tests.faults.journal import Journal
from tests.parallel import rest_nightly
from tests.servers import wait_until
from wagtail_live.engines import publishing
from wagtail_live.models import EngineChannel

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

TRANSPORTS = ["event-stream", "event-stream", "long-poll"]
READERS = 60
PATIENCE = 60  # seconds: Pushpin asks a site that was away again after 30 at most


@pytest.fixture(params=rest_nightly(SERVERS))
def own_place(request, shared_database, site_variables, settings):
    """A place of which the test may stop every part."""
    with ExitStack() as stack:
        place = start_place(stack, request.param, site_variables)
        for name, value in place.pushpin.settings.items():
            setattr(settings, name, value)
        yield place


@pytest.fixture
def audience(own_place, match_page):
    with Crowd(own_place.pushpin) as crowd:
        yield crowd.follow(match_page, TRANSPORTS, READERS)


def write(reporters, place, page):
    return reporters(page, place.pushpin.settings, reporters=2, pause=0.15)


@pytest.mark.parametrize("killed", ["pushpin", "server"])
def test_the_engine_or_the_site_is_killed(
    own_place, match_page, audience, reporters, killed
):
    server = getattr(own_place, killed)
    newsroom = write(reporters, own_place, match_page)
    newsroom.wait_for(10)
    server.kill()
    newsroom.wait_for(30)
    server.start()
    newsroom.wait_for(50)
    audience.check(newsroom.stop(), timeout=PATIENCE)


def test_writers_are_killed_before_they_publish(
    own_place, match_page, audience, settings
):
    """As a process that is killed after each commit: only others can publish."""
    journal = Journal()
    journal.publish(match_page)
    wait_until_published(match_page)
    settings.WAGTAIL_LIVE_GRIP = None
    for _ in range(5):
        journal.publish(match_page)
    audience.check(journal, timeout=PATIENCE)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_is_killed_while_it_publishes(
    own_place, match_page, audience, settings, moment
):
    """It has claimed the channel, and has or has not sent the update to Pushpin."""
    journal = Journal()
    journal.publish(match_page)
    wait_until_published(match_page)
    settings.WAGTAIL_LIVE_GRIP = None
    own_place.server.pause()  # or it could publish first
    journal.publish(match_page)
    crash(own_place, match_page, moment)
    assert EngineChannel.objects.get().claimed_until
    journal.publish(match_page)
    own_place.server.resume()
    audience.check(journal, timeout=PATIENCE)


def test_pushpin_takes_no_updates_for_a_while(
    shared_database, site_variables, settings, match_page, reporters
):
    with ExitStack() as stack:
        place = start_place(stack, "gunicorn", site_variables)
        cable = Cable(place.pushpin.control_port)
        place.server.close()
        grip = dict(place.pushpin.settings["WAGTAIL_LIVE_GRIP"])
        grip["control_uri"] = f"http://127.0.0.1:{cable.port}"
        place.server.settings["WAGTAIL_LIVE_GRIP"] = grip
        settings.WAGTAIL_LIVE_GRIP = grip
        place.server.start()
        crowd = stack.enter_context(Crowd(place.pushpin))
        crowd.run(cable.mend())
        audience = crowd.follow(match_page, TRANSPORTS, READERS)
        newsroom = reporters(
            match_page, {"WAGTAIL_LIVE_GRIP": grip}, reporters=2, pause=0.15
        )
        newsroom.wait_for(10)
        crowd.run(cable.cut())
        newsroom.wait_for(40)
        assert newsroom.longest_wait < 7, "a writer waited for the engine"
        crowd.run(cable.mend())
        newsroom.wait_for(60)
        audience.check(newsroom.stop(), timeout=PATIENCE)


def test_one_of_two_pushpins_is_away(
    shared_database, site_variables, settings, match_page, reporters
):
    with ExitStack() as stack:
        place = start_place(stack, "uvicorn", site_variables)
        grip = place.pushpin.settings["WAGTAIL_LIVE_GRIP"]
        away = {**grip, "control_uri": "http://127.0.0.1:9"}
        place.server.close()
        place.server.settings["WAGTAIL_LIVE_GRIP"] = [away, grip]
        settings.WAGTAIL_LIVE_GRIP = [away, grip]
        place.server.start()
        crowd = stack.enter_context(Crowd(place.pushpin))
        audience = crowd.follow(match_page, TRANSPORTS, READERS)
        journal = Journal()
        for _ in range(10):
            journal.publish(match_page)
        audience.check(journal)


def test_a_burst_of_updates_by_many_writers(own_place, match_page, audience, reporters):
    newsroom = reporters(
        match_page, own_place.pushpin.settings, reporters=3, pause=0.02, changes=15
    )
    audience.check(newsroom.finish(), timeout=PATIENCE)


def wait_until_published(page):
    """Wait until the engine has all updates, and no process publishes any more."""
    rows = EngineChannel.objects.filter(claimed_until=None)
    cursor = page.live_channel.last_updated_at
    wait_until(lambda: rows.filter(published_until__gte=cursor).exists(), timeout=60)
    assert publishing.wait(60)


def crash(place, page, moment):
    """Let a process publish, and kill it ``before`` or ``after`` Pushpin has the update."""
    program = [sys.executable, "-m", "tests.faults.crashing", page.channel_id, moment]
    ended = subprocess.run(
        program, env=place.server.environment(), cwd=place.server.working_directory
    )
    assert ended.returncode == -9
