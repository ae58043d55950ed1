"""Messages in Slack and Telegram reach an open page."""

from collections import Counter
from contextlib import ExitStack

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.reading import assert_not_reloaded, open_page
from tests.receivers.fake_slack import FakeSlack
from tests.receivers.fake_telegram import FakeTelegram
from tests.receivers.newsroom import (
    CHATS,
    SLACK_SECRET,
    Story,
    connect,
    deliver,
    introduce,
    receivers,
)
from tests.receivers.vectors import ALL_VECTORS
from tests.servers import wait_until

pytestmark = pytest.mark.slow

TEXTS = "live-blog article .live-post__content"


@pytest.fixture
def platforms():
    with ExitStack() as stack:
        slack = stack.enter_context(FakeSlack("", SLACK_SECRET))
        yield slack, stack.enter_context(FakeTelegram())


@pytest.fixture
def window(start_server, new_window, match_page, platforms):
    """A reader on the page, with a strict Content Security Policy."""
    connect(match_page)
    policy = "tests.browser.middleware.StrictPolicyMiddleware"
    server = start_server(
        settings={
            "WAGTAIL_LIVE_RECEIVERS": receivers(*platforms),
            "MIDDLEWARE": [policy, *settings.MIDDLEWARE],
        }
    )
    introduce(server, *platforms)
    return open_page(new_window(base_url=server.url), match_page)


def test_a_reader_sees_exactly_what_the_newsroom_wrote(window, platforms):
    """F-04: 200 messages, edits, deletions and albums, in any order."""
    story = Story(seed=2)
    story.write_in_slack(platforms[0], "C1", 100)
    for chat in CHATS:
        story.write_in_telegram(platforms[1], chat, 50)
    deliver(story, *platforms)
    # An open page keeps its newest posts alone, each of which must be right.
    wait_until(lambda: not texts_of(window) - story.expected, timeout=30)
    assert_not_reloaded([window])
    load_all(window)
    assert texts_of(window) == story.expected


def texts_of(window):
    return Counter(text.strip() for text in window.locator(TEXTS).all_inner_texts())


def load_all(window):
    window.reload()
    posts = window.locator(TEXTS)
    earlier = window.get_by_role("link", name="Earlier posts")
    while earlier.is_visible():
        count = posts.count()
        earlier.click()
        expect(posts.nth(count)).to_be_visible()


def test_no_vector_does_anything_in_a_browser(window, match_page, platforms):
    """F-26, C2: as text, address, label, emoji and name, through both platforms."""
    slack, telegram = platforms
    harm = []
    window.on("dialog", lambda dialog: (harm.append(dialog.message), dialog.dismiss()))
    window.on(
        "request",
        lambda request: "127.0.0.1" in request.url or harm.append(request.url),
    )
    for vector in ALL_VECTORS:
        slack.send(hostile_rich_text(slack, vector))
        mrkdwn = f"{vector} <{vector}|{vector}> <@U5|{vector}> ```{vector}```"
        slack.send(slack.message("C1", mrkdwn, username=vector))
        telegram.queue("message", hostile_message(telegram, vector))
    telegram.queue("message", telegram.message(CHATS[0], text="The end"))
    telegram.deliver_all()
    # An open page keeps its newest posts alone, the last of which have come now.
    expect(window.locator(TEXTS).filter(has_text="The end")).to_be_visible()
    load_all(window)
    expect(window.locator(TEXTS)).to_have_count(3 * len(ALL_VECTORS) + 1)
    assert not harm
    assert (
        window.locator(f"{TEXTS} :is(script, iframe, svg, form, [style])").count() == 0
    )


def hostile_rich_text(slack, vector):
    elements = [
        {"type": "text", "text": vector},
        {"type": "link", "url": vector, "text": vector},
        {"type": "emoji", "name": vector},
        {"type": "text", "text": ". "},
    ]
    section = {"type": "rich_text_section", "elements": elements}
    block = {"type": "rich_text", "elements": [section]}
    return slack.message("C1", "", blocks=[block])


def hostile_message(telegram, vector):
    length = len(vector.encode("utf-16-le")) // 2
    entity = {"type": "text_link", "offset": 0, "length": length, "url": vector}
    sender = {"id": 8, "is_bot": False, "first_name": vector}
    content = {"text": f"{vector} .", "entities": [entity], "from": sender}
    return telegram.message(CHATS[0], **content)
