"""Slack and Telegram send to a real server; its readers get exactly what they should."""

import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.receivers.fake_slack import FakeSlack
from tests.receivers.fake_telegram import FakeTelegram
from tests.servers import wait_until
from tests.testapp.models import MatchPage
from wagtail_live.models import Source
from wagtail_live.receivers.fetch import Fetcher
from wagtail_live.receivers.telegram import TelegramReceiver

SLACK_SECRET = "canary-signing-secret"
TELEGRAM_SECRET = "canary-secret-token"
CHATS = (-1001, -1002)


class TrustingTelegram(TelegramReceiver):
    """Takes pictures from the fake, too."""

    def get_fetcher(self):
        return Fetcher(self.allowed_hosts, trust_loopback=True)


def picture(number):
    image = BytesIO()
    Image.new("RGB", (32, 32), (number, 90, 20)).save(image, "JPEG")
    return image.getvalue()


class Story:
    """What a newsroom writes in an evening, and what is to be read at its end."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.expected = Counter()
        self.slack_events = []

    def write_in_slack(self, slack, channel, count):
        """Events in any order, as Slack's retries bring them."""
        for number in range(count):
            text = f"Slack {number}"
            message = slack.message(channel, text)
            self.slack_events.append(message)
            for _ in range(self.random.choice([0, 0, 1, 2])):
                text = f"{text} corrected"
                self.slack_events.append(slack.edited(message, text))
            if self.random.random() < 0.3:
                self.slack_events.append(slack.unfurled(message))
            if self.random.random() < 0.2:
                self.slack_events.append(slack.deleted(message))
            else:
                self.expected[text] += 1
        self.random.shuffle(self.slack_events)

    def write_in_telegram(self, telegram, chat, count):
        """Updates of which each chat keeps the order, in between each other."""
        lines = [self._telegram_line(telegram, chat, number) for number in range(count)]
        while lines:
            line = self.random.choice(lines)
            telegram.queue(*line.pop(0))
            lines = [line for line in lines if line]

    def _telegram_line(self, telegram, chat, number):
        text = f"Telegram {chat} {number}"
        if self.random.random() < 0.2:
            return self._album(telegram, chat, number, text)
        message = telegram.message(chat, text=text)
        line = [("message", message)]
        if self.random.random() < 0.4:
            text = f"{text} corrected"
            line.append(("edited_message", telegram.edited(message, text=text)))
        if self.random.random() < 0.2:
            line.append(("message", telegram.reply(message, "/delete")))
        else:
            self.expected[text] += 1
        return line

    def _album(self, telegram, chat, number, text):
        group = {"media_group_id": f"{chat}{number}"}
        photos = [telegram.photo(picture(number)) for number in range(3)]
        captions = [{"caption": text}, {}, {}]
        self.expected[text] += 1
        return [
            ("message", telegram.message(chat, photo=photo, **caption, **group))
            for photo, caption in zip(photos, captions, strict=True)
        ]


@pytest.fixture
def slack():
    with FakeSlack("", SLACK_SECRET) as fake:
        yield fake


@pytest.fixture
def telegram():
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def page(transactional_db, home_page):
    page = home_page.add_child(instance=MatchPage(title="Match", slug="match"))
    connect(page, "slack", "C1")
    for chat in CHATS:
        connect(page, "telegram", str(chat))
    return page


@pytest.fixture
def server(start_server, slack, telegram):
    receivers = {
        "slack": {
            "BACKEND": "wagtail_live.receivers.slack.SlackReceiver",
            "OPTIONS": {
                "signing_secret": SLACK_SECRET,
                "bot_token": slack.bot_token,
                "api_url": f"{slack.url}/api",
                "reactions": {"published": "white_check_mark"},
            },
        },
        "telegram": {
            "BACKEND": f"{__name__}.TrustingTelegram",
            "OPTIONS": {
                "secret_token": TELEGRAM_SECRET,
                "bot_token": telegram.token,
                "api_url": telegram.url,
            },
        },
    }
    server = start_server(settings={"WAGTAIL_LIVE_RECEIVERS": receivers})
    slack.url_of_app = f"{server.url}/wagtail_live/hooks/slack/"
    url = f"{server.url}/wagtail_live/hooks/telegram/"
    telegram.webhook = {"url": url, "secret_token": TELEGRAM_SECRET}
    return server


def connect(page, receiver, external_id):
    Source.objects.create(
        receiver=receiver, external_id=external_id, channel=page.live_channel
    )


def texts_of(server, page):
    """What a reader of the page is told, from its beginning."""
    url = f"{server.url}/wagtail_live/get-updates/{page.channel_id}/"
    updates = httpx.get(url, params={"last_update_ts": 0}).json()["updates"]
    found = re.compile(r"(?:Slack|Telegram -\d+) \d+(?: corrected)*")
    return Counter(
        text
        for update in updates.values()
        if update["show"]
        for text in found.findall(update["content"])
    )


@pytest.mark.parametrize("seed", [1])
def test_the_page_shows_exactly_what_the_newsroom_wrote(
    page, server, slack, telegram, seed
):
    """F-04, R1, R2: 200 messages, edits, deletions and albums; one answer in five is lost,
    so that the same comes twice."""
    story = Story(seed)
    losses = random.Random(seed)
    slack.is_lost = telegram.is_lost = lambda: losses.random() < 0.2
    story.write_in_slack(slack, "C1", 100)
    for chat in CHATS:
        story.write_in_telegram(telegram, chat, 50)
    with ThreadPoolExecutor(4) as pool:
        delivered = pool.submit(telegram.deliver_all)
        list(pool.map(slack.send, story.slack_events))
        delivered.result()
    assert not any(telegram.queues.values())
    assert texts_of(server, page) == story.expected
    assert b"canary" not in server.log.read_bytes(), "S6"


def test_an_album_becomes_one_post_with_its_pictures(page, server, telegram):
    """I1, S6: and the token, with which these are fetched, is nowhere to be read."""
    for number in range(3):
        caption = {} if number else {"caption": "Celebration"}
        photo = telegram.photo(picture(number))
        album = {"media_group_id": "13", "photo": photo, **caption}
        telegram.queue("message", telegram.message(CHATS[0], **album))
    telegram.deliver_all()
    html = wait_until(lambda: page_with_pictures(server, page, 3), timeout=30)
    assert [post.text for post in page.live_posts] == ["Celebration"]
    assert "canary" not in html
    assert b"canary" not in server.log.read_bytes()


def page_with_pictures(server, page, count):
    html = httpx.get(server.url + page.url).text
    shown = re.findall(r"<img\b[^>]*\bsrc=\"/media/", html)
    return html if len(shown) == count else None


def test_a_reaction_says_that_a_message_is_on_the_page(page, server, slack):
    """After the commit, and not in the way of the acknowledgement."""
    message = slack.message("C1", "Goal")
    assert slack.send(message) == [200]
    call = wait_until(lambda: next(iter(slack.calls), None), timeout=20)
    assert call.path == "/api/reactions.add"
    assert call.arguments["timestamp"] == message["ts"]


def test_slack_is_not_kept_waiting(page, server, slack):
    """R3: its own API takes longer than its patience."""
    slack.pause = 5
    slack.patience = 2.5
    for number in range(8):
        assert slack.send(slack.message("C1", f"Slack {number}")) == [200]
    assert len(texts_of(server, page)) == 8
