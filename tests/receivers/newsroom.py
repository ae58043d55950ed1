"""A newsroom that writes in Slack and in Telegram, and its site."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from PIL import Image

from wagtail_live.models import Source
from wagtail_live.receivers.fetch import Fetcher
from wagtail_live.receivers.telegram.receiver import TelegramReceiver

SLACK_SECRET = "canary-signing-secret"
TELEGRAM_SECRET = "canary-secret-token"
CHATS = (-1001, -1002)


class TrustingTelegram(TelegramReceiver):
    """A receiver that also downloads images from the fake."""

    def get_fetcher(self):
        return Fetcher(self.allowed_hosts, trust_loopback=True)


def make_image(number):
    image = BytesIO()
    Image.new("RGB", (32, 32), (number, 90, 20)).save(image, "JPEG")
    return image.getvalue()


class Story:
    """The messages of a newsroom in one evening, and the expected posts."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.expected = Counter()
        self.slack_events = []

    def write_in_slack(self, slack, channel, count):
        """Add events in any order, as Slack's retries cause it."""
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
        """Queue updates in the order of each chat, with the chats interleaved."""
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
        photos = [telegram.photo(make_image(number)) for number in range(3)]
        captions = [{"caption": text}, {}, {}]
        images = [
            telegram.message(chat, photo=photo, **caption, **group)
            for photo, caption in zip(photos, captions, strict=True)
        ]
        line = [("message", message) for message in images]
        if self.random.random() < 0.2:
            answered = self.random.choice(images)
            line.append(("message", telegram.reply(answered, "/delete")))
        else:
            self.expected[text] += 1
        return line


def receivers(slack, telegram):
    """Return the ``WAGTAIL_LIVE_RECEIVERS`` of a site that receives these messages."""
    return {
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


def introduce(server, slack, telegram):
    """Give both platforms the URLs of the site."""
    slack.url_of_app = f"{server.url}/wagtail_live/hooks/slack/"
    url = f"{server.url}/wagtail_live/hooks/telegram/"
    telegram.webhook = {"url": url, "secret_token": TELEGRAM_SECRET}


def connect(page):
    """Connect all channels to the page."""
    for name, id in [("slack", "C1"), *(("telegram", str(chat)) for chat in CHATS)]:
        Source.objects.create(receiver=name, external_id=id, channel=page.live_channel)


def deliver(story, slack, telegram):
    """Deliver from both platforms concurrently, over several connections."""
    with ThreadPoolExecutor(4) as pool:
        delivered = pool.submit(telegram.deliver_all)
        list(pool.map(slack.send, story.slack_events))
        delivered.result()
    assert not any(telegram.queues.values()), "Telegram still has what it can't deliver"
