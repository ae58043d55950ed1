"""Slack and Telegram send to a real server; readers get exactly the right posts."""

import random
import re
from collections import Counter

import httpx
import pytest

from tests.receivers.fake_slack import FakeSlack
from tests.receivers.fake_telegram import FakeTelegram
from tests.receivers.newsroom import (
    CHATS,
    SLACK_SECRET,
    Story,
    connect,
    deliver,
    introduce,
    make_image,
    receivers,
)
from tests.servers import wait_until
from wagtail_live.models import FailedDelivery


@pytest.fixture
def slack():
    # On a busy machine Slack would send again.
    with FakeSlack("", SLACK_SECRET, patience=30.0) as fake:
        yield fake


@pytest.fixture
def telegram():
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def page(transactional_db, match_page):
    connect(match_page)
    return match_page


@pytest.fixture
def server(start_server, slack, telegram):
    settings = {"WAGTAIL_LIVE_RECEIVERS": receivers(slack, telegram)}
    server = start_server(settings=settings)
    introduce(server, slack, telegram)
    return server


def texts_of(server, page):
    """Return the texts that a reader gets until all current posts have arrived; a post
    that an image is just being added to comes with a later response."""
    url = f"{server.url}/wagtail_live/get-updates/{page.channel_id}/"
    told, cursor, current = {}, 0, None
    while current is None or not told.keys() >= current:
        answer = httpx.get(url, params={"last_update_ts": cursor}).json()
        told |= answer["updates"]
        cursor, current = answer["lastUpdateTimestamp"], set(answer["currentPosts"])
    found = re.compile(r"(?:Slack|Telegram -\d+) \d+(?: corrected)*")
    return Counter(
        text for id in current for text in found.findall(told[id]["content"])
    )


def account(story, found, *platforms):
    """Describe the differences, their deliveries and the failures on the site."""
    deliveries = [each for platform in platforms for each in platform.deliveries]
    lines = [f"{failed}" for failed in FailedDelivery.objects.all()]
    for what, texts in (
        ("missing", story.expected - found),
        ("too much", found - story.expected),
    ):
        for text in texts:
            first = text.partition(" corrected")[0]
            about = re.compile(rf'"{first}[" ]'.encode())
            statuses = [each.status for each in deliveries if about.search(each.body)]
            lines.append(f"{what}: {text!r}, whose deliveries met {statuses}")
    return "\n".join(lines)


@pytest.mark.slow
def test_the_page_shows_exactly_what_the_newsroom_wrote(page, server, slack, telegram):
    """F-04, R1, R2: 200 messages, edits, deletions and albums; one response in five is
    lost, so that messages are delivered twice."""
    story = Story(seed=1)
    losses = random.Random(1)
    slack.is_lost = telegram.is_lost = lambda: losses.random() < 0.2
    story.write_in_slack(slack, "C1", 100)
    for chat in CHATS:
        story.write_in_telegram(telegram, chat, 50)
    deliver(story, slack, telegram)
    found = texts_of(server, page)
    assert found == story.expected, account(story, found, slack, telegram)
    assert b"canary" not in server.log.read_bytes(), "S6"


def test_an_album_becomes_one_post_with_its_images(page, server, telegram):
    """I1, S6: the token for the downloads appears nowhere."""
    for number in range(3):
        caption = {} if number else {"caption": "Celebration"}
        photo = telegram.photo(make_image(number))
        album = {"media_group_id": "13", "photo": photo, **caption}
        telegram.queue("message", telegram.message(CHATS[0], **album))
    telegram.deliver_all()
    html = wait_until(lambda: page_with_images(server, page, 3))
    assert [post.text for post in page.live_posts] == ["Celebration"]
    assert "canary" not in html
    assert b"canary" not in server.log.read_bytes()


def page_with_images(server, page, count):
    html = httpx.get(server.url + page.url).text
    shown = re.findall(r"<img\b[^>]*\bsrc=\"/media/", html)
    return html if len(shown) == count else None


def test_a_reaction_says_that_a_message_is_on_the_page(page, server, slack):
    """The reaction follows the commit and does not delay the response."""
    message = slack.message("C1", "Goal")
    assert slack.send(message) == [200]
    call = wait_until(lambda: next(iter(slack.calls), None))
    assert call.path == "/api/reactions.add"
    assert call.arguments["timestamp"] == message["ts"]


def test_slack_is_not_kept_waiting(page, server, slack):
    """R3: even if Slack's own API is slower than Slack's timeout, here a longer one."""
    slack.pause = 2 * slack.patience
    for number in range(8):
        assert slack.send(slack.message("C1", f"Slack {number}")) == [200]
    assert len(texts_of(server, page)) == 8
