"""The desk tells that its user writes a new post, and shows the number of readers."""

import pytest

from tests.admin.desk.requests import url
from wagtail_live import cursors
from wagtail_live.models import ReaderCount

pytestmark = pytest.mark.django_db


def say(client, page, writing, tab="one"):
    response = client.post(url("activity", page), {"tab": tab, "writing": writing})
    assert response.status_code == 200


def wrote_at(page):
    return [presence.wrote_at for presence in page.live_channel.presences.current()]


def test_writing_is_noted_for_the_tab_until_it_stops(
    client, settings, publisher, match_page
):
    settings.WAGTAIL_LIVE_SHOW_WRITING = True
    say(client, match_page, "0")
    assert wrote_at(match_page) == []
    say(client, match_page, "1")
    assert len(wrote_at(match_page)) == 1
    assert wrote_at(match_page) != [None]
    say(client, match_page, "0")
    assert wrote_at(match_page) == [None]
    say(client, match_page, "1")
    client.post(url("leave", match_page), {"tab": "one"})
    assert wrote_at(match_page) == []
    say(client, match_page, "1")  # it was on its way
    assert wrote_at(match_page) == []


def test_nothing_is_noted_without_the_setting(client, publisher, match_page):
    say(client, match_page, "1")
    assert wrote_at(match_page) == []
    html = client.get(url("index", match_page)).content.decode()
    assert "live-desk-activity" not in html


def test_the_desk_shows_the_exact_number_of_readers(
    client, settings, publisher, match_page
):
    settings.WAGTAIL_LIVE_COUNT_READERS = True
    assert client.get(url("activity", match_page)).json() == {"readers": "0 readers"}
    ReaderCount.objects.create(
        channel=match_page.live_channel,
        process="one",
        readers=1234,
        counted_at=cursors.now(),
    )
    assert client.get(url("activity", match_page)).json() == {
        "readers": "1,234 readers"
    }
    assert "1,234 readers" in client.get(url("index", match_page)).content.decode()


def test_no_number_is_shown_with_a_push_engine(client, settings, publisher, match_page):
    settings.WAGTAIL_LIVE_COUNT_READERS = True
    settings.WAGTAIL_LIVE_NCHAN = {
        "publish_url": "http://127.0.0.1:1/p",
        "key": "k" * 32,
    }
    assert client.get(url("activity", match_page)).json() == {"readers": ""}


def test_only_those_who_may_write_are_noted(client, settings, match_page, reporter):
    settings.WAGTAIL_LIVE_SHOW_WRITING = True
    reporter.groups.clear()
    client.force_login(reporter)
    response = client.post(url("activity", match_page), {"tab": "one", "writing": "1"})
    assert response.status_code in (302, 403)
    assert wrote_at(match_page) == []
