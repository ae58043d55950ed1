"""Images and embeds follow the text, which stays if they fail (R3, I5, C4, S12)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone, translation
from wagtail.blocks.list_block import ListValue
from wagtail.embeds.finders.base import EmbedFinder
from wagtail.images import get_image_model

from tests.receivers.events import delete, write
from tests.receivers.image_files import ImageHost, make_image, respond
from tests.receivers.loopback import LoopbackReceiver
from wagtail_live import background, posts
from wagtail_live.models import (
    LivePost,
    Policy,
    PostStatus,
    ReceivedImage,
    ReceivedMessage,
    Source,
)
from wagtail_live.outbound import RequestFailed
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts.embeds import BACK_OFF
from wagtail_live.receivers import get_receivers, images, media
from wagtail_live.receivers.base import Attachment, Outcome
from wagtail_live.receivers.document import Link, Paragraph, Text
from wagtail_live.receivers.intake import process
from wagtail_live.receivers.links import try_links

pytestmark = pytest.mark.django_db


class ShopFinder(EmbedFinder):
    """An embed finder for the URLs of one shop."""

    asked = []

    def accept(self, url):
        return url.startswith("https://shop.example/")

    def find_embed(self, url, max_width=None, max_height=None):
        self.asked.append(url)
        if "broken" in url:
            raise RuntimeError
        size = {"width": 1, "height": 1}
        return {"title": "Shop", "type": "rich", "html": "<b>Shop</b>", **size}


@pytest.fixture
def host():
    with ImageHost() as host:
        yield host


@pytest.fixture
def receiver(settings):
    backend = "tests.receivers.loopback.LoopbackReceiver"
    options = {"secret": "canary"}
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "newsroom": {"BACKEND": backend, "OPTIONS": options}
    }
    LoopbackReceiver.told.clear()
    return get_receivers()["newsroom"]


@pytest.fixture
def source(match_page, receiver):
    return Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )


@pytest.fixture
def send(host, receiver, source):
    """Send a message whose images are files of the host."""

    def send(message_id, version, text, *names, **options):
        files = tuple(
            Attachment(name, f"{host.url}/{name}", name, alt=f"Alt of {name}")
            for name in names
        )
        event = write(message_id, version, text, **options)
        process(receiver, replace(event, attachments=files))

    return send


def fetch_due():
    for found in ReceivedImage.objects.filter(due_at__lte=timezone.now()):
        images.fetch(found)


def shown(page):
    return [
        (block.block_type, name(block.value))
        for post in page.live_posts
        for block in post.content
    ]


def name(value):
    if isinstance(value, ListValue):
        return [image.title for image in value]
    return str(getattr(value, "title", value))


def test_an_image_is_added_after_its_text(match_page, host, send):
    host.files["/a.jpg"] = make_image()
    send("1", 1, "Goal", "a.jpg")
    assert shown(match_page) == [("text", "<p>Goal</p>")]
    cursor = match_page.last_updated_at
    fetch_due()
    assert shown(match_page) == [("text", "<p>Goal</p>"), ("image", "Alt of a.jpg")]
    assert match_page.last_updated_at > cursor
    image = match_page.live_posts.get().content[1].value
    assert image.contextual_alt_text == "Alt of a.jpg"


def test_an_image_without_text_is_posted_once_downloaded(match_page, host, send):
    host.files["/a.jpg"] = make_image()
    send("1", 1, "", "a.jpg")
    assert not match_page.live_posts.exists()
    fetch_due()
    assert shown(match_page) == [("image", "Alt of a.jpg")]
    assert match_page.live_posts.get().author_name == "Ann"


def test_an_image_without_text_is_held_like_any_message(match_page, host, send):
    Source.objects.update(policy=Policy.HOLD)
    host.files["/a.jpg"] = make_image()
    send("1", 1, "", "a.jpg")
    fetch_due()
    assert match_page.live_channel.posts.get().status == PostStatus.SUBMITTED


def test_an_album_is_one_post_in_the_order_of_its_messages(match_page, host, send):
    for name in ("a", "b", "c"):
        host.files[f"/{name}"] = make_image()
    send("11", 1, "", "c", group_id="album")
    send("9", 1, "Team", "a", group_id="album")
    send("10", 1, "", "b", group_id="album")
    fetch_due()
    text, alts = ("text", "<p>Team</p>"), [f"Alt of {name}" for name in "abc"]
    assert shown(match_page) == [text, ("gallery", alts)]
    process(get_receivers()["newsroom"], delete("10"))
    assert shown(match_page) == [text, ("gallery", [alts[0], alts[2]])]
    process(get_receivers()["newsroom"], delete("11"))
    assert shown(match_page) == [text, ("image", alts[0])]


def test_an_edit_does_not_download_images_again(match_page, host, send):
    """I5: the key is the platform's id of the file."""
    host.files["/a"] = host.files["/b"] = make_image()
    send("1", 1, "Goal", "a")
    fetch_due()
    send("1", 2, "Goal!", "a", "b")
    send("2", 1, "The same again", "a")
    fetch_due()
    assert sorted(host.paths) == ["/a", "/b"]
    assert sum(len(post.images) for post in match_page.live_posts) == 3
    assert get_image_model().objects.count() == 2


def test_an_edit_can_remove_an_image(match_page, host, send):
    host.files["/a"] = make_image()
    send("1", 1, "Goal", "a")
    fetch_due()
    send("1", 2, "Goal")
    assert shown(match_page) == [("text", "<p>Goal</p>")]


def test_a_failed_image_leaves_the_text_and_the_reason(match_page, host, send):
    host.files["/a"] = respond(body=b"<html>", Content_Type="text/html")
    send("1", 1, "Goal", "a")
    fetch_due()
    assert shown(match_page) == [("text", "<p>Goal</p>")]
    failed = ReceivedImage.objects.get()
    assert "not an image" in failed.error
    assert failed.due_at is None


def test_the_reason_is_in_the_sites_language(host, send):
    host.files["/a"] = respond(body=b"<html>", Content_Type="text/html")
    with translation.override("fr"):
        send("1", 1, "Goal", "a")
        fetch_due()
    reason = "Le fichier n’est pas une image (text/html)."
    assert ReceivedImage.objects.get().error == reason


def test_a_failing_host_is_retried_five_times_with_back_off(match_page, host, send):
    """I5."""
    host.files["/a"] = respond(503)
    send("1", 1, "Goal", "a")
    pauses = []
    for _ in range(6):
        found = ReceivedImage.objects.get()
        if found.due_at is None:
            break
        images.fetch(found)
        found.refresh_from_db()
        if found.due_at:
            pauses.append((found.due_at - timezone.now()).total_seconds())
    assert len(host.paths) == 5
    assert pauses == sorted(pauses)
    assert pauses[0] > 50
    assert shown(match_page) == [("text", "<p>Goal</p>")]


def test_two_workers_make_one_image(match_page, host, send):
    host.files["/a"] = make_image()
    send("1", 1, "Goal", "a")
    one, other = ReceivedImage.objects.get(), ReceivedImage.objects.get()
    images.fetch(one)
    images.fetch(other)
    assert host.paths == ["/a"]
    assert get_image_model().objects.count() == 1


def test_an_interrupted_attempt_is_repeated(match_page, host, send):
    host.files["/a"] = make_image()
    send("1", 1, "Goal", "a")
    ReceivedImage.objects.update(
        attempts=1, due_at=timezone.now() - timedelta(seconds=1)
    )
    fetch_due()
    assert len(shown(match_page)) == 2


def test_the_image_of_a_deleted_message_is_discarded(match_page, host, send, receiver):
    send("1", 1, "Goal", "a")
    receiver.before_download = lambda: process(receiver, delete("1"))
    host.files["/a"] = make_image()
    fetch_due()
    assert host.paths == ["/a"]
    assert not get_image_model().objects.exists()
    assert shown(match_page) == []


def test_an_image_that_cannot_be_shown_is_discarded(
    match_page, host, send, monkeypatch
):
    def fail(*arguments):
        raise RuntimeError("canary")

    host.files["/a"] = make_image()
    send("1", 1, "Goal", "a")
    monkeypatch.setattr("wagtail_live.receivers.posting.refresh", fail)
    fetch_due()
    assert not get_image_model().objects.exists()
    failed = ReceivedImage.objects.get()
    assert (failed.image_key, failed.error) == ("", "RuntimeError")
    assert shown(match_page) == [("text", "<p>Goal</p>")]


def test_an_image_that_kills_processes_is_given_up(match_page, host, send):
    send("1", 1, "Goal", "a")
    ReceivedImage.objects.update(attempts=5)
    fetch_due()
    assert host.paths == []
    assert ReceivedImage.objects.get().due_at is None


def test_an_image_is_added_to_a_post_that_an_editor_changed(match_page, host, send):
    host.files["/a"] = make_image()
    send("1", 1, "Goal", "a")
    post = match_page.live_posts.get()
    posts.edit(match_page.live_channel, post, content="<p>GOAL</p>", actor=SYSTEM)
    fetch_due()
    assert shown(match_page) == [("text", "<p>GOAL</p>"), ("image", "Alt of a")]


def test_nothing_is_downloaded_for_other_senders(host, send, receiver):
    """S12: unknown channels, and senders who may not write."""
    Source.objects.update(allowed_senders="bob")
    send("1", 1, "Goal", "a")
    Source.objects.all().delete()
    send("2", 1, "Goal", "a")
    assert not ReceivedImage.objects.exists()
    assert host.paths == []


@pytest.mark.parametrize(
    "values",
    [
        {"mime_type": "image/svg+xml"},
        {"mime_type": "application/" + "x" * 300},
        {"size": 26 * 2**20},
        {"url": "https://images.example/" + "a" * 2000},
        {"url": "https://images.example/\x00"},
    ],
)
def test_unsupported_files_are_not_requested(values, receiver, source, match_page):
    values = {"url": "https://images.example/a", **values}
    attachment = Attachment("a", name="é" * 300, alt="\x00" * 300, **values)
    event = write("1", 1, "Goal")
    process(receiver, replace(event, attachments=(attachment,)))
    failed = ReceivedImage.objects.get()
    assert failed.due_at is None
    assert failed.error
    assert shown(match_page) == [("text", "<p>Goal</p>")]


def test_feedback_is_given_after_the_commit(
    host, send, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setattr(background.threads, "add", lambda job, delay: job())
    host.files["/a"] = respond(404)
    with django_capture_on_commit_callbacks(execute=True):
        send("1", 1, "Goal", "a")
        assert LoopbackReceiver.told == []
    with django_capture_on_commit_callbacks(execute=True):
        fetch_due()
    assert LoopbackReceiver.told == [
        ("1", Outcome.PUBLISHED, ""),
        ("1", Outcome.FAILED, "The host responded with 404."),
    ]


class TestLinks:
    @pytest.fixture(autouse=True)
    def shop(self, settings):
        settings.WAGTAILEMBEDS_FINDERS = [{"class": f"{__name__}.ShopFinder"}]
        ShopFinder.asked.clear()

    def send(self, receiver, *urls, version=1):
        body = tuple(Paragraph((Link(url, (Text(url),)),)) for url in urls)
        event = write("1", version, "")
        process(receiver, replace(event, body=body))
        row = ReceivedMessage.objects.get()
        return lambda: try_links.call(row.pk)

    def test_a_lone_link_becomes_an_embed(self, receiver, source, match_page):
        """C4: after the commit, with one request."""
        url = "https://shop.example/shirt"
        tried = self.send(receiver, url)
        assert ShopFinder.asked == []
        assert [kind for kind, _ in shown(match_page)] == ["text"]
        tried()
        assert [kind for kind, _ in shown(match_page)] == ["embed"]
        self.send(receiver, url, "https://shop.example/cap", version=2)()
        assert ShopFinder.asked == [url, "https://shop.example/cap"]

    def test_a_link_without_a_provider_stays_a_link(self, receiver, source, match_page):
        """C4: no provider is queried, and a failure is not retried."""
        urls = ["https://evil.example/", "https://shop.example/broken"]
        self.send(receiver, *urls)()
        self.send(receiver, *urls, version=2)()
        ((kind, html),) = shown(match_page)
        assert kind == "text"
        assert all(f'<a href="{url}"' in html for url in urls)
        assert ShopFinder.asked == urls[1:]

    def test_a_link_that_fails_is_tried_again(self, receiver, source, match_page):
        """With the pauses of the desk's embeds, until there were five attempts."""
        url = "https://shop.example/broken"
        tried = self.send(receiver, url)
        for attempt, pause in enumerate(BACK_OFF, 1):
            tried()
            tried()  # before the pause has passed
            message = ReceivedMessage.objects.get()
            assert len(ShopFinder.asked) == attempt
            assert message.body[0]["attempts"] == attempt
            if attempt < len(BACK_OFF):
                left = (message.links_due_at - timezone.now()).total_seconds()
                assert pause - 60 < left <= pause
                ReceivedMessage.objects.update(links_due_at=timezone.now())
        assert message.links_due_at is None
        assert [kind for kind, _ in shown(match_page)] == ["text"]
        # An edit tries what is new in it, and counts on for the rest.
        self.send(receiver, url, "https://shop.example/cap", version=2)()
        assert ShopFinder.asked[5:] == ["https://shop.example/cap"]
        assert [kind for kind, _ in shown(match_page)] == ["text", "embed"]

    def test_a_link_that_is_found_later_becomes_an_embed(
        self, receiver, source, match_page, monkeypatch
    ):
        tried = self.send(receiver, "https://shop.example/shirt")
        answer = ShopFinder.find_embed
        monkeypatch.setattr(ShopFinder, "find_embed", lambda *args, **options: 1 / 0)
        tried()
        assert [kind for kind, _ in shown(match_page)] == ["text"]
        monkeypatch.setattr(ShopFinder, "find_embed", answer)
        ReceivedMessage.objects.update(links_due_at=timezone.now())
        tried()
        assert [kind for kind, _ in shown(match_page)] == ["embed"]


@pytest.mark.parametrize("mime_type", ["video/mp4", "audio/ogg", "application/pdf"])
def test_the_reason_to_refuse_other_files_says_what_to_do(mime_type):
    stream = LivePost._meta.get_field("content").stream_block
    with pytest.raises(RequestFailed, match="Add a photo or a link to the file"):
        media.add(None, Attachment("file", mime_type=mime_type), None, stream)
