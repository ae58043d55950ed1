"""A table of the faults that readers recover from: every publisher on every bus, and with
the protocol class for long polls.

Each case is run for a reader of each publisher, of which the report names those that
failed.
"""

from contextlib import ExitStack
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from tests.faults.cable import Cable
from tests.faults.conftest import BUSES, WITH_PROTOCOL, bus_configuration
from tests.faults.crowd import Crowd
from tests.faults.journal import Entry, Journal, Standing
from tests.faults.readers import TRANSPORTS
from tests.servers import Redis, Uvicorn, wait_until
from tests.testapp.models import MatchPage
from wagtail_live import cursors, posts

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

SOON = 20  # seconds: the hub looks every five who may follow, and polls last longer
ALL = list(TRANSPORTS)
BY_HTTP = [name for name in ALL if name != "websocket"]


class Place(NamedTuple):
    """A server, the bus that it listens to, and the cable to it."""

    bus: dict
    server: Uvicorn
    cable: Cable
    crowd: Crowd


@pytest.fixture(scope="module", params=[*BUSES, "postgres, LongPollProtocol"])
def shared_place(request, site_variables):
    bus_name, _, protocol = request.param.partition(", ")
    with ExitStack() as stack:
        is_redis = bus_name == "redis"
        location = stack.enter_context(Redis()).url if is_redis else ""
        bus = bus_configuration(bus_name, location)
        server = stack.enter_context(
            Uvicorn(
                site_variables,
                *(WITH_PROTOCOL if protocol else ()),
                settings={"WAGTAIL_LIVE_BUS": bus},
                # The protocol class answers nothing if the middleware is wrapped.
                application=f"tests.{'' if protocol else 'faults.'}asgi:application",
            )
        )
        cable = Cable(server.port)
        crowd = stack.enter_context(Crowd(cable))
        crowd.run(cable.mend())
        yield Place(bus, server, cable, crowd)


@pytest.fixture
def place(shared_place, transactional_db, settings):
    settings.WAGTAIL_LIVE_BUS = shared_place.bus
    return shared_place


@pytest.fixture
def crowd(place):
    yield place.crowd
    place.crowd.leave()


@pytest.fixture
def journal(place, match_page):
    """The journal of a page with some posts."""
    journal = Journal()
    for _ in range(4):
        journal.publish(match_page)
    return journal


def test_r7_readers_resume_after_a_cut(place, crowd, match_page, journal):
    audience = crowd.follow(match_page, ALL)
    crowd.run(place.cable.cut())
    journal.change_all_ways(match_page)
    crowd.run(place.cable.mend())
    audience.check(journal)


def test_r7_readers_resume_after_a_restart(place, crowd, match_page, journal):
    audience = crowd.follow(match_page, ALL)
    place.server.kill()
    journal.change_all_ways(match_page)
    place.server.start()
    audience.check(journal)


def test_r7_readers_come_from_before_what_the_hub_remembers(crowd, match_page, journal):
    start = Standing.of(match_page)
    journal.change_all_ways(match_page)
    first = crowd.follow(match_page, ALL)
    journal.publish(match_page)
    crowd.follow(match_page, ALL, start=start).check(journal)
    first.check(journal)


def test_r7_readers_come_from_before_the_purge(crowd, match_page, journal):
    start = Standing.of(match_page)
    journal.change_all_ways(match_page)
    channel = match_page.live_channel
    assert posts.purge_tombstones(channel, before=timezone.now()) == 1
    crowd.follow(match_page, ALL, start=start).check(journal)


def test_r7_readers_come_from_the_future(crowd, match_page, journal):
    # In its first form the protocol lets readers start by their own clock.
    in_lean_form = [name for name in ALL if name != "long-poll-full"]
    standing = Standing.of(match_page)
    tomorrow = cursors.to_timestamp(timezone.now() + timedelta(days=1))
    unreal = {"a post that the database lost": 0}
    journal.entries += [Entry(post_id, None, float("inf")) for post_id in unreal]
    start = Standing(repr(tomorrow), standing.posts | unreal)
    audience = crowd.follow(match_page, in_lean_form, start=start)
    audience.all(lambda reader: float(reader.cursor) == float(standing.cursor))
    audience.check(journal)


def test_f_23_readers_of_a_deleted_page_are_disconnected(
    crowd, home_page, match_page, journal
):
    unpublished, restricted, deleted = (
        home_page.add_child(instance=MatchPage(title=title))
        for title in ("Unpublished", "Restricted", "Deleted")
    )
    stay = crowd.follow(match_page, ALL)
    leave = [crowd.follow(page, ALL) for page in (unpublished, restricted, deleted)]
    unpublished.unpublish()
    restrict(restricted)
    deleted.delete()
    wait_until(lambda: all(audience.is_let_go() for audience in leave), timeout=SOON)
    for page in (unpublished, restricted):
        page.add_live_post("<p>Secret</p>")
    stay.check(journal)
    assert not any(reader.log for audience in leave for reader in audience.readers)


def test_p1_a_private_page_is_left_to_django(crowd, match_page, journal):
    restrict(match_page)
    strangers = crowd.follow(match_page, BY_HTTP, wait=False)
    wait_until(strangers.is_let_go, timeout=SOON)
    assert not any(reader.log for reader in strangers.readers)
    crowd.follow(match_page, BY_HTTP, headers=log_in()).check(journal)


def test_p1_a_websocket_of_a_private_page_is_closed(crowd, match_page, journal):
    restrict(match_page)
    strangers = crowd.follow(match_page, ["websocket"], wait=False)
    wait_until(strangers.is_let_go)


def test_p1_a_page_that_is_opened_has_readers_at_once(crowd, match_page, journal):
    match_page.unpublish()
    early = crowd.follow(match_page, ["long-poll"], wait=False)
    wait_until(early.is_let_go)
    match_page.save_revision().publish()
    audience = crowd.follow(match_page, ALL)
    audience.check(journal)
    assert not any(404 in reader.turned_away for reader in audience.readers)


def restrict(page):
    PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.LOGIN
    )


def log_in():
    """Return the header of a reader who is logged in."""
    client = Client()
    client.force_login(get_user_model().objects.create_user("subscriber"))
    return f"Cookie: sessionid={client.cookies['sessionid'].value}\r\n"
