"""What readers of Pushpin get of pages that are not for everybody, or no longer."""

import httpx
import pytest
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from tests.engines.reading import Poll, follow, poll_url, stream_url, wait_until_held
from tests.servers import wait_until
from tests.testapp.models import MatchPage

LEAN = {"delta": 1}


def restrict(page):
    PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.LOGIN
    )


def delete(page):
    page.delete()


def move(page):
    Page.objects.get(depth=1).add_child(instance=Page(title="Outside"))
    page.move(Page.objects.get(title="Outside"), pos="first-child")


ENDS = {
    "restricted": restrict,
    "unpublished": lambda page: page.unpublish(),
    "deleted": delete,
    "moved": move,
}


@pytest.fixture
def subscriber(django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_user("subscriber"))
    return client


def get_cookies(client):
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_readers_are_sent_away(place, match_page, end):
    poll = Poll(place, match_page, **LEAN)
    wait_until_held(match_page)
    with follow(place, match_page) as stream:
        end(match_page)
        stream.wait_for_end()
        assert "event: gone" in stream.text
        answer = poll.answer()
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_readers_are_sent_away_also_after_a_crash(place, match_page, settings, end):
    with follow(place, match_page) as stream:
        settings.WAGTAIL_LIVE_GRIP = None  # this process publishes nothing any more
        end(match_page)
        stream.wait_for_end()
        assert "event: gone" in stream.text


def test_an_update_after_a_change_without_a_signal_is_not_sent(place, match_page):
    with follow(place, match_page) as stream:
        MatchPage.objects.filter(pk=match_page.pk).update(live=False)
        match_page.add_live_post("<p>Secret.</p>")
        stream.wait_for_end()
    assert "Secret" not in stream.text


def test_a_page_can_be_followed_again_when_it_is_public_again(place, match_page):
    with follow(place, match_page) as stream:
        match_page.unpublish()
        stream.wait_for_end()
    match_page.save_revision().publish()
    with follow(place, match_page) as stream:
        match_page.add_live_post("<p>Back.</p>")
        stream.wait_for("Back.")


@pytest.mark.parametrize("url", [stream_url, poll_url])
def test_strangers_get_nothing_of_a_restricted_page(place, match_page, url):
    restrict(match_page)
    match_page.add_live_post("<p>Secret.</p>")
    answer = httpx.get(
        url(place, match_page), params={"last_update_ts": "1"}, timeout=20
    )
    assert answer.status_code == 404
    assert "Secret" not in answer.text


def test_a_subscriber_gets_updates_after_a_check(place, match_page, subscriber):
    restrict(match_page)
    poll = Poll(place, match_page, headers=get_cookies(subscriber), **LEAN)
    wait_until_held(match_page, private=True)
    match_page.add_live_post("<p>For subscribers.</p>")
    answer = poll.answer()
    assert "For subscribers." in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_subscriber_who_has_logged_out_gets_no_update(place, match_page, subscriber):
    restrict(match_page)
    headers = get_cookies(subscriber)
    poll = Poll(place, match_page, headers=headers, **LEAN)
    wait_until_held(match_page, private=True)
    subscriber.logout()
    match_page.add_live_post("<p>Secret.</p>")
    answer = poll.answer()
    assert answer.status_code == 404
    assert "Secret" not in answer.text


def test_a_restricted_page_shares_no_channel(place, match_page, subscriber):
    """A stream that began while the page was public gets nothing meant for subscribers."""
    with follow(place, match_page) as stream:
        restrict(match_page)
        poll = Poll(place, match_page, headers=get_cookies(subscriber), **LEAN)
        wait_until_held(match_page, private=True)
        match_page.add_live_post("<p>Secret.</p>")
        assert "Secret." in poll.answer().text
        stream.wait_for_end()
    assert "Secret" not in stream.text


def test_readers_can_not_name_channels(place, match_page):
    """Pushpin takes the channel from the site only."""
    headers = {"Grip-Channel": "anything", "Grip-Hold": "stream", "Grip-Sig": "x.y.z"}
    answer = httpx.get(place.url + match_page.url, headers=headers, timeout=20)
    assert answer.status_code == 200


def test_a_subscriber_is_sent_away_when_the_page_is_unpublished(
    place, match_page, subscriber
):
    restrict(match_page)
    poll = Poll(place, match_page, headers=get_cookies(subscriber), **LEAN)
    wait_until_held(match_page, private=True)
    match_page.unpublish()
    wait_until(lambda: poll.response is not None, timeout=20)
    assert poll.answer().status_code == 404
