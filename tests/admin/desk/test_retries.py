"""Requests of the desk that are sent again because their response was lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.admin.desk.requests import form_data, the_post, url
from wagtail_live import posts
from wagtail_live.models import LivePost, PostStatus
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db


def new_post(text="<p>Gaol!</p>", **fields):
    return {**form_data(text, **fields), "message_id": "abc"}


@pytest.fixture
def send(client, match_page):
    """Send a request of the desk: ``send(name, data, post)``."""

    def send(name, data=None, post=None):
        args = [post.pk] if post else []
        return client.post(url(name, match_page, *args), data or {})

    return send


@pytest.fixture
def correct(match_page):
    """Correct the post, as a colleague does."""

    def correct(**changes):
        changes = changes or {"content": "<p>Goal!</p>"}
        return posts.edit(match_page.live_channel, the_post(), actor=SYSTEM, **changes)

    return correct


TOMORROW = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "publish"},
        {"action": "publish", "pin": "on"},
        {"action": "draft"},
        {"action": "submit"},
        {"action": "schedule", "go_live_at": TOMORROW},
    ],
    ids=["publish", "pin", "draft", "submit", "schedule"],
)
def test_a_new_post_that_is_sent_again_is_not_written_again(
    publisher, send, match_page, fields
):
    data = new_post(**fields)
    assert send("add", data).status_code == 200
    cursor = match_page.last_updated_at
    assert send("add", data).status_code == 200
    assert match_page.last_updated_at == cursor
    assert LivePost.objects.filter(message_id="abc").count() == 1


def test_a_correction_is_not_overwritten(publisher, send, correct):
    send("add", new_post())
    corrected = correct()
    again = send("add", new_post())
    assert again.status_code == 409
    assert "Goal!" in again.json()["conflict"]
    assert "Gaol!" in again.json()["conflict"]
    assert the_post().updated_at == corrected.updated_at
    mine = {**new_post(), "expected": again.json()["version"]}
    assert send("add", mine).status_code == 200
    assert the_post().text == "Gaol!"


def test_the_text_of_the_correction_is_no_conflict(publisher, send, correct):
    send("add", new_post())
    corrected = correct()
    assert send("add", new_post("<p>Goal!</p>")).status_code == 200
    assert the_post().updated_at == corrected.updated_at


@pytest.mark.parametrize(
    "changes",
    [{"show": False}, {"is_key_event": True}, {"title": "1:0"}, {"author_name": "Ann"}],
    ids=["hidden", "key event", "title", "byline"],
)
def test_any_change_is_a_conflict(publisher, send, correct, changes):
    send("add", new_post())
    changed = correct(**changes)
    assert send("add", new_post()).status_code == 409
    assert the_post().updated_at == changed.updated_at


def test_a_draft_that_an_editor_has_published_stays_published(drafter, send, correct):
    send("add", new_post(action="submit"))
    correct(show=True)
    assert send("add", new_post(action="submit")).status_code == 409
    assert the_post().status == PostStatus.PUBLISHED


def test_a_post_that_was_unpinned_is_not_pinned_again(publisher, send, match_page):
    send("add", new_post(pin="on"))
    posts.pin(match_page.live_channel, None, actor=SYSTEM)
    assert send("add", new_post(pin="on")).status_code == 200
    assert match_page.live_channel.pinned_post is None


def test_an_edit_that_was_saved_is_no_conflict(publisher, send, match_page):
    post = match_page.add_live_post("<p>Gaol!</p>")
    data = form_data("<p>Goal!</p>", post, "save")
    assert send("save", data, post).status_code == 200
    version = the_post().updated_at
    assert send("save", data, post).status_code == 200
    assert the_post().updated_at == version


@pytest.mark.parametrize("action", ["hide", "key", "draft"])
def test_an_action_is_not_repeated_after_it_was_undone(
    publisher, send, correct, match_page, action
):
    post = match_page.add_live_post("<p>Goal!</p>")
    seen = {"expected": form_data(post=post)["expected"]}
    assert send(action, seen, post).status_code == 200
    assert send(action, seen, post).status_code == 200
    undone = correct(show=True, is_key_event=False)
    refused = send(action, seen, post)
    assert refused.status_code == 409
    assert "Someone else" in refused.json()["error"]
    seen = {"expected": refused.json()["post"]["version"]}
    assert the_post().updated_at == undone.updated_at
    assert send(action, seen, post).status_code == 200


def test_a_post_that_was_restored_is_not_deleted_again(publisher, send, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    seen = {"expected": form_data(post=post)["expected"]}
    undo = send("delete", seen, post).json()["undo"]
    assert send("delete", seen, post).status_code == 410
    send("undo", {"undo": undo})
    assert send("delete", seen, post).status_code == 409
    assert the_post().text == "Goal!"


def test_an_undone_deletion_is_not_undone_again(publisher, send, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    undo = send("delete", None, post).json()["undo"]
    assert send("undo", {"undo": undo}).status_code == 200
    match_page.update_live_post(the_post(), content="<p>Own goal!</p>")
    assert send("undo", {"undo": undo}).status_code == 200
    assert the_post().text == "Own goal!"
    send("delete", None, post)
    assert send("undo", {"undo": undo}).status_code == 410
    assert not LivePost.objects.exists()


def test_a_pin_is_not_repeated_after_another(publisher, send, match_page):
    mine, theirs = (match_page.add_live_post(text) for text in "AB")
    assert send("pin", {"pinned": ""}, mine).status_code == 200
    assert send("pin", {"pinned": ""}, mine).status_code == 200
    posts.pin(match_page.live_channel, theirs, actor=SYSTEM)
    refused = send("pin", {"pinned": ""}, mine)
    assert refused.status_code == 409
    assert refused.json()["head"]["pinned"] == str(theirs.pk)
    assert send("pin", {"pinned": str(theirs.pk)}, mine).status_code == 200
    assert match_page.live_channel.pinned_post == mine


def test_a_state_is_not_set_again_after_another(publisher, send, match_page):
    match_page.add_live_post("Kick-off")
    pause = {"state": "paused", "expected": "live"}
    assert send("state", pause).status_code == 200
    assert send("state", pause).status_code == 200
    posts.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    assert send("state", pause).status_code == 409
    assert match_page.live_channel.state == "ended"


def test_key_points_that_were_saved_are_no_conflict(publisher, send, match_page):
    data = {
        "key-points-summary": '{"blocks": [{"key": "a", "text": "1:0", "type": '
        '"unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}], '
        '"entityMap": {}}',
        "expected": "",
    }
    assert send("summary", data).status_code == 200
    cursor = match_page.last_updated_at
    assert send("summary", data).status_code == 200
    assert match_page.last_updated_at == cursor


def test_line_ends_of_key_points_are_no_conflict(publisher, send, match_page):
    channel = match_page.live_channel
    posts.summarise(channel, "<p>1:0</p>\n<p>Goal</p>", actor=SYSTEM)
    data = {
        "key-points-summary": '{"blocks": [{"key": "a", "text": "2:0", "type": '
        '"unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}], '
        '"entityMap": {}}',
        "expected": "<p>1:0</p>\r\n<p>Goal</p>",  # as browsers send it
    }
    assert send("summary", data).status_code == 200
