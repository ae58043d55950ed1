"""Requests that are sent again because their response was lost."""

import pytest

from wagtail_live import posts
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db

KEY = {"Idempotency_Key": "9b8e"}
CHANGES = [{"content": "Goal"}, {"show": False}, {"go_live_at": "2999-01-01T12:00Z"}]


def correct(**changes):
    """Correct the post, as a colleague does."""
    post = LivePost.objects.get()
    return posts.edit(post.channel, post, actor=SYSTEM, **changes)


def assert_refused(response, status, post):
    assert response.status_code == status
    assert response["Location"].endswith(f"/posts/{post.pk}/")
    assert LivePost.objects.get().updated_at == post.updated_at


@pytest.mark.parametrize(
    "changes",
    [{"content": "Goal"}, {"title": "1:0"}, {"show": False}],
    ids=["text", "title", "hidden"],
)
def test_a_corrected_post_is_not_replaced(api, changes):
    sent = {"content": "Gaol", "title": ""}
    api.add(sent, **KEY)
    corrected = correct(**changes)
    refused = api.add(sent, **KEY)
    assert_refused(refused, 409, corrected)
    assert refused["ETag"] == api.get(f"posts/{corrected.pk}/")["ETag"]


def test_a_draft_that_an_editor_has_published(api, issue):
    api.secret = issue(may_publish=False)
    draft = {"content": "Goal", "submitted": True}
    api.add(draft, **KEY)
    assert api.add(draft, **KEY).status_code == 201
    published = correct(show=True)
    assert_refused(api.add(draft, **KEY), 409, published)


def test_a_change_that_the_request_did_not_name_is_no_conflict(api):
    api.add(**KEY)
    correct(is_key_event=True)
    again = api.add(**KEY)
    assert again.status_code == 201
    assert again.json()["is_key_event"] is True


@pytest.mark.parametrize("change", CHANGES, ids=["edit", "hide", "schedule"])
@pytest.mark.parametrize("has_key", [True, False], ids=["key", "If-Match"])
def test_a_change_is_made_once(api, change, has_key):
    post = api.add({"content": "Gaol"})
    post_id = post.json()["id"]
    headers = KEY if has_key else {"If_Match": post["ETag"]}
    first, second = (api.edit(post_id, change, **headers) for _ in range(2))
    assert [first.status_code, second.status_code] == [200, 200]
    assert first["ETag"] == second["ETag"] != post["ETag"]
    undone = correct(content="Gaol", show=True, go_live_at=None)
    refused = api.edit(post_id, change, **headers)
    assert_refused(refused, 409 if has_key else 412, undone)


def test_a_key_is_for_one_change(api):
    post_id = api.add().json()["id"]
    assert api.edit(post_id, {"title": "1:0"}, **KEY).status_code == 200
    assert api.edit(post_id, {"title": "2:0"}, **KEY).status_code == 422
    assert api.delete(post_id, **KEY).status_code == 422
    assert api("patch", "", {"state": "ended"}, **KEY).status_code == 422


def test_a_restored_post_is_not_deleted_again(api):
    post_id = api.add().json()["id"]
    post = LivePost.objects.get(pk=post_id)
    kept = posts.snapshot(post)
    assert api.delete(post_id, **KEY).status_code == 204
    assert api.delete(post_id, **KEY).status_code == 204
    assert api.delete(post_id).status_code == 404
    restored = posts.restore(post.channel, kept, actor=SYSTEM)
    assert_refused(api.delete(post_id, **KEY), 409, restored)


def test_state_key_points_and_pin_are_set_once(api, match_page):
    first, other = (api.add().json()["id"] for _ in range(2))
    sent = {"state": "paused", "summary": "<p>1:0</p>", "pinned_post": first}
    assert api("patch", "", sent, **KEY).status_code == 200
    again = api("patch", "", sent, **KEY)
    assert again.status_code == 200
    assert again["Idempotency-Replayed"] == "true"
    cursor = match_page.last_updated_at
    channel = match_page.live_channel
    posts.pin(channel, channel.posts.get(pk=other), actor=SYSTEM)
    assert api("patch", "", sent, **KEY).status_code == 409
    assert api.get().json()["pinned_post"] == other
    posts.pin(channel, channel.posts.get(pk=first), actor=SYSTEM)
    assert api("patch", "", sent, **KEY).status_code == 200
    assert match_page.last_updated_at > cursor
