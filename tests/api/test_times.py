"""The time of a post over the API."""

import pytest

from tests.api.calling import texts
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db

EARLIER = "2026-06-01T12:00:00.123456+00:00"
KEY = {"Idempotency_Key": "9b8e"}


def test_a_post_is_dated_back(api, anybody):
    for text in ("Kick-off", "Goal"):
        api.add({"content": f"<p>{text}</p>"})
    third = api.add({"content": "<p>Before</p>", "created": EARLIER}).json()
    assert third["created"] == EARLIER
    assert texts(anybody.get("posts/")) == [
        "<p>Goal</p>",
        "<p>Kick-off</p>",
        "<p>Before</p>",
    ]


def test_a_post_is_moved(api, anybody):
    first, second = (
        api.add({"content": f"<p>{text}</p>"}).json() for text in ("1", "2")
    )
    cursor = api.get().json()["cursor"]
    moved = api.edit(second["id"], {"created": EARLIER}).json()
    changed = {name for name in second if second[name] != moved[name]}
    assert changed == {"version", "created"}
    assert texts(anybody.get("posts/")) == ["<p>1</p>", "<p>2</p>"]
    [update] = anybody.get(f"updates/?since={cursor!r}").json()["posts"]
    assert (update["id"], update["created"]) == (second["id"], EARLIER)
    again = api.edit(second["id"], {"created": EARLIER}).json()
    assert again["version"] == moved["version"]
    assert first["created"] > moved["created"]


def test_a_local_time_is_understood(api):
    sent = {"content": "Goal", "created": "2026-06-01T14:00:00.123456+02:00"}
    assert api.add(sent).json()["created"] == EARLIER


def test_a_draft_keeps_its_time(api):
    draft = api.add({"content": "Goal", "show": False, "created": EARLIER}).json()
    assert api.edit(draft["id"], {"show": True}).json()["created"] == EARLIER


def test_a_time_in_the_future_is_for_the_schedule(api):
    response = api.add({"content": "Goal", "created": "2999-01-01T00:00:00Z"})
    [reason] = response.json()["errors"]["created"]
    assert "set go_live_at" in reason


def test_a_token_that_may_not_publish_may_not_set_a_time(api, issue):
    api.secret = issue(may_publish=False)
    draft = {"content": "Goal", "submitted": True}
    assert api.add({**draft, "created": EARLIER}).status_code == 403
    post_id = api.add(draft).json()["id"]
    assert api.edit(post_id, {"created": EARLIER}).status_code == 403
    assert not LivePost.objects.filter(is_dated=True).exists()


def test_requests_that_are_sent_again_move_once(api):
    sent = {"content": "Goal", "created": EARLIER}
    post = api.add(sent, **KEY).json()
    assert api.add(sent, **KEY).json()["version"] == post["version"]
    key = {"Idempotency_Key": "9b8f"}
    change = {"created": "2026-06-02T12:00:00Z"}
    moved = api.edit(post["id"], change, **key).json()
    assert api.edit(post["id"], change, **key).json() == moved
    assert api.add(sent, **KEY).status_code == 409
