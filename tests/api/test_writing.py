"""Posts over the HTTP API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db


def test_a_post_is_added_and_readers_see_it(api, anybody, match_page):
    response = api.add({"content": "<p>Goal <script>x</script></p>", "title": "1:0"})
    assert response.status_code == 201
    post = response.json()
    assert response["Location"].endswith(f"/posts/{post['id']}/")
    assert response["ETag"] == f'"{post["version"]}"'
    assert (post["status"], post["title"]) == ("published", "1:0")
    [shown] = anybody.get("posts/").json()["posts"]
    assert shown["content"][0]["value"] == "<p>Goal </p>"
    assert match_page.live_posts.get().source == "api"


def test_a_post_is_edited_hidden_shown_and_deleted(api, anybody):
    post_id = api.add().json()["id"]
    assert "Gaol" in api.edit(post_id, {"content": "Gaol"}).json()["html"]
    assert api.edit(post_id, {"show": False}).json()["status"] == "hidden"
    assert anybody.get(f"posts/{post_id}/").status_code == 404
    assert api.get(f"posts/{post_id}/").json()["status"] == "hidden"
    assert api.edit(post_id, {"show": True}).json()["status"] == "published"
    assert api.delete(post_id).status_code == 204
    assert api.get(f"posts/{post_id}/").status_code == 404


def test_fields_that_are_not_sent_keep_their_values(api):
    post = api.add({"content": "Goal", "title": "1:0", "author_name": "Ann"}).json()
    edited = api.edit(post["id"], {"is_key_event": True}).json()
    changed = {name for name in post if post[name] != edited[name]}
    assert changed == {"version", "is_key_event"}


def test_drafts_and_schedules(api, anybody):
    api.add({"content": "Draft", "show": False})
    api.add({"content": "For an editor", "submitted": True})
    moment = (timezone.now() + timedelta(hours=1)).isoformat()
    later = api.add({"content": "Later", "go_live_at": moment}).json()
    statuses = [p["status"] for p in api.get("posts/?status=all").json()["posts"]]
    assert statuses == ["scheduled", "submitted", "draft"]
    assert anybody.get("posts/").json()["posts"] == []
    hidden = api.edit(later["id"], {"show": False}).json()
    assert (hidden["status"], hidden["go_live_at"]) == ("draft", None)


def test_an_outdated_if_match_is_refused(api):
    post = api.add()
    version, post_id = post["ETag"], post.json()["id"]
    assert api.edit(post_id, {"title": "1:0"}, If_Match=version).status_code == 200
    for send in (
        lambda: api.edit(post_id, {"title": "2:0"}, If_Match=version),
        lambda: api.edit(post_id, {"title": "2:0"}, If_Match="nonsense"),
        lambda: api.edit(
            post_id, {"title": "2:0"}, If_Match=version, Idempotency_Key="new"
        ),
        lambda: api.delete(post_id, If_Match=version),
        lambda: api.delete(post_id, If_Match=version, Idempotency_Key="newer"),
    ):
        response = send()
        assert response.status_code == 412
        assert response["ETag"] == api.get(f"posts/{post_id}/")["ETag"]
    assert api.edit(post_id, {}, If_Match="*").json()["title"] == "1:0"
    assert api.edit(post_id, {"title": ""}, If_Match=f"W/{response['ETag']}").json()


def test_the_same_key_makes_one_post(api):
    key = {"Idempotency_Key": "9b8e"}
    first, second = api.add(**key), api.add(**key)
    assert first.json() == second.json()
    assert [first.status_code, second.status_code] == [201, 201]
    assert second["Idempotency-Replayed"] == "true"
    assert LivePost.objects.count() == 1
    assert api.add({"content": "Another"}, **key).status_code == 422
    assert api.add(Idempotency_Key="another").json()["id"] != first.json()["id"]
    api.delete(first.json()["id"])
    assert api.add(**key).status_code == 410
    assert LivePost.objects.count() == 1


def test_a_request_that_was_refused_leaves_its_key_free(api):
    key = {"Idempotency_Key": "9b8e"}
    assert api.add({"content": ""}, **key).status_code == 400
    assert api.add(**key).status_code == 201
    assert api.add(Idempotency_Key="two words").status_code == 400


def test_two_tokens_may_use_the_same_key(api, issue):
    first = api.add(Idempotency_Key="1").json()
    api.secret = issue()
    assert api.add(Idempotency_Key="1").json()["id"] != first["id"]


def test_state_key_points_and_pinned_post(api, anybody):
    post_id = api.add().json()["id"]
    summary = "<ul><li>1:0</li></ul><script></script>"
    sent = {"state": "paused", "summary": summary, "pinned_post": post_id}
    assert api("patch", "", sent).status_code == 200
    state = anybody.get().json()
    assert state["state"] == "paused"
    assert state["summary"] == "<ul><li>1:0</li></ul>"
    assert state["pinned_post"] == post_id
    assert api("patch", "", {"pinned_post": None}).json()["pinned_post"] is None
    assert anybody.get().json()["state"] == "paused"


@pytest.mark.parametrize(
    "sent",
    [
        {"state": "over"},
        {"pinned_post": "00000000-0000-0000-0000-000000000000"},
        {"pinned_post": "1"},
        {"summary": 1, "state": None},
    ],
)
def test_an_unknown_state_refuses_the_whole_request(api, sent):
    response = api("patch", "", {"state": "live", **sent})
    assert response.status_code == 400
    assert response.json()["errors"].keys() <= sent.keys()
    assert api.get().json()["state"] == "not_started"
