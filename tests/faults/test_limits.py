"""Readers over the limit are told to come back later, and don't affect others."""

import httpx
import pytest

from tests.faults.conftest import WITH_PROTOCOL
from tests.faults.journal import Journal
from tests.faults.readers import BY_DJANGO, LIVE
from tests.servers import Uvicorn
from tests.testapp.models import MatchPage

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

LIMIT = 6
APPLICATION = "tests.faults.asgi:application"
FLOOD, ORDINARY = "192.0.2.1", "192.0.2.2"  # addresses
TRY_AGAIN_LATER = 1013  # the close code of a WebSocket


@pytest.fixture(params=[(), WITH_PROTOCOL], ids=["", "protocol"])
def start_limited(request, start_server):
    """Start a server behind one proxy that accepts few readers."""
    application = "tests.asgi:application" if request.param else APPLICATION

    def start(limit):
        return start_server(
            Uvicorn,
            *request.param,
            settings={"WAGTAIL_LIVE_TRUSTED_PROXIES": 1, limit: LIMIT},
            application=application,
        )

    return start


@pytest.fixture
def other_page(home_page):
    return home_page.add_child(instance=MatchPage(title="Another match"))


def seen_from(address, forged=""):
    """Return the header that the proxy extends."""
    return f"X-Forwarded-For: {forged}{address}\r\n"


def is_refused(reader):
    return 503 in reader.turned_away or TRY_AGAIN_LATER in getattr(
        reader, "close_codes", []
    )


def test_n1_f_20_a_flood_from_one_address(start_limited, match_page, crowd_at):
    crowd = crowd_at(start_limited("WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS"))
    first = crowd.follow(match_page, LIVE, LIMIT, headers=seen_from(FLOOD))
    for header in (
        seen_from(FLOOD),
        seen_from(FLOOD, forged="192.0.2.99, "),
        seen_from(FLOOD) + BY_DJANGO,
    ):
        flood = crowd.follow(match_page, LIVE[:2], headers=header, wait=False)
        flood.all(is_refused)
    others = crowd.follow(match_page, LIVE, LIMIT, headers=seen_from(ORDINARY))
    journal = Journal()
    others.check(journal)
    first.check(journal)


def test_n1_too_many_for_one_channel(start_limited, match_page, other_page, crowd_at):
    crowd = crowd_at(start_limited("WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL"))
    first = crowd.follow(match_page, LIVE, LIMIT)
    crowd.follow(match_page, LIVE, wait=False).all(is_refused)
    crowd.follow(other_page, LIVE, LIMIT).check(Journal())
    first.check(Journal())


def test_n1_too_many_for_one_process(start_limited, match_page, other_page, crowd_at):
    server = start_limited("WAGTAIL_LIVE_MAX_READERS")
    first = crowd_at(server).follow(match_page, LIVE, LIMIT)
    crowd_at(server).follow(other_page, LIVE, wait=False).all(is_refused)
    first.check(Journal())


def test_n1_a_released_slot_is_free(start_limited, match_page, crowd_at):
    server = start_limited("WAGTAIL_LIVE_MAX_READERS")
    crowd = crowd_at(server)
    crowd.follow(match_page, LIVE, LIMIT)
    for by_django in ({}, {"X-Without-Middleware": "1"}):
        answer = poll(server, match_page, headers=by_django)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Cache-Control"] == "no-store"
    crowd.leave()
    crowd.follow(match_page, LIVE, LIMIT).check(Journal())


def poll(server, page, **options):
    address = f"{server.url}/wagtail_live/get-updates/{page.channel_id}/"
    cursor = {"last_update_ts": page.last_update_timestamp}
    return httpx.get(address, params=cursor, **options)
