"""Readers see that a reporter writes, and how many readers there are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from wagtail_live import cursors
from wagtail_live.delivery.activity import activities
from wagtail_live.desks import people
from wagtail_live.models import DeskPresence, ReaderCount
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

NOTHING = {"writing": False, "readers": None}

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client, settings, match_page):
    settings.WAGTAIL_LIVE_SHOW_WRITING = settings.WAGTAIL_LIVE_COUNT_READERS = True
    settings.WAGTAIL_LIVE_MIN_READERS = 10
    url = f"/wagtail_live/activity/{match_page.channel_id}/"
    return lambda: client.get(url)


@pytest.fixture
def write(match_page, reporter):
    def write(is_writing=True):
        channel = match_page.live_channel
        people.note_writing(channel, reporter.pk, "tab", is_writing=is_writing)

    return write


def count(page, readers, process="one", age=timedelta(0)):
    ReaderCount.objects.create(
        channel=page.live_channel,
        process=process,
        readers=readers,
        counted_at=cursors.now() - age,
    )


def test_both_are_off_by_default(client, match_page, write):
    write()
    url = f"/wagtail_live/activity/{match_page.channel_id}/"
    assert client.get(url).status_code == 204
    html = client.get(match_page.url).content.decode()
    assert "activity" not in html


def test_a_reporter_writes_until_they_stop_or_their_tab_is_gone(ask, write, match_page):
    assert ask().json() == NOTHING
    write()
    assert ask().json() == {"writing": True, "readers": None}
    write(is_writing=False)
    assert ask().json() == NOTHING
    write()
    DeskPresence.objects.update(wrote_at=cursors.now() - timedelta(seconds=16))
    assert ask().json() == NOTHING
    write()
    coverage.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    assert ask().json() == NOTHING


def test_a_user_at_the_desk_who_writes_nothing_is_not_told_of(
    ask, match_page, reporter
):
    people.stay(match_page.live_channel, reporter.pk, "tab")
    assert ask().json() == NOTHING


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, None), (9, None), (10, 10), (99, 99), (128, 120), (1234, 1200)],
)
def test_readers_are_told_from_a_minimum_and_in_round_numbers(
    ask, match_page, number, told
):
    count(match_page, number)
    assert ask().json()["readers"] == told


def test_readers_of_all_processes_are_added_while_their_count_is_fresh(ask, match_page):
    count(match_page, 20)
    count(match_page, 30, process="two")
    count(match_page, 40, process="killed", age=timedelta(minutes=1))
    assert ask().json()["readers"] == 50


def test_the_answer_takes_the_same_few_queries_for_all(ask, match_page, write):
    write()
    ask()
    with CaptureQueriesContext(connection) as queries:
        response = ask()
    assert len(queries) <= 5
    assert response["Cache-Control"] == "public, max-age=1"


@pytest.mark.django_db(transaction=True)
def test_readers_of_a_process_share_its_queries(ask, match_page, monkeypatch):
    monkeypatch.setattr("wagtail_live.delivery.shared.LIFETIME", 60)
    activities.forget()
    ask()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(20):
            ask()
    assert len(queries) == 0
    activities.forget()


def test_only_those_who_may_see_the_page_are_told(ask, client, match_page, write):
    PageViewRestriction.objects.create(page=match_page, restriction_type="login")
    assert ask().status_code == 404
    assert client.get("/wagtail_live/activity/unknown/").status_code == 404
