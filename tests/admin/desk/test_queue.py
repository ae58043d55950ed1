"""Posts that waited in the browser, and are sent by one request."""

import json

import pytest
from django.db import OperationalError

from tests.admin.desk.requests import form_data, url, user_who_may
from wagtail_live.admin.desk import queue
from wagtail_live.models import LivePost
from wagtail_live.signals import live_page_updating

pytestmark = pytest.mark.django_db
CONTENT_TYPE = "application/json"


@pytest.fixture
def send(client, match_page):
    """Send forms in one request, each ``(message_id, text)`` or its data."""

    def send(*forms, **headers):
        data = [form if isinstance(form, dict) else new_post(*form) for form in forms]
        posts = [list(fields.items()) for fields in data]
        body = json.dumps({"posts": posts})
        return client.post(url("add", match_page), body, CONTENT_TYPE, headers=headers)

    return send


def new_post(message_id, text, **fields):
    data = {**form_data(text, **fields), "message_id": message_id}
    return {name: str(value) for name, value in data.items()}


def statuses(response):
    assert response.status_code == 200
    return [result["status"] for result in response.json()["results"]]


def texts():
    return [post.text for post in LivePost.objects.order_by("updated_at")]


@pytest.fixture
def fail_at(match_page):
    """Let the site fail while it writes a post with this text."""
    failing = []

    def fail(channel, post_id, **update):
        if LivePost.objects.get(pk=post_id).text in failing:
            raise OperationalError("database is locked")

    live_page_updating.connect(fail)
    yield failing.append
    live_page_updating.disconnect(fail)


def test_posts_are_published_in_their_order(publisher, send):
    written = [str(number) for number in range(10)]
    response = send(*((f"m{text}", text) for text in written))
    assert statuses(response) == [200] * 10
    assert texts() == written
    ids = [result["post"]["id"] for result in response.json()["results"]]
    assert ids == [str(post.pk) for post in LivePost.objects.order_by("created")]


def test_those_that_have_arrived_are_not_published_again(publisher, send):
    send(("a", "A"), ("b", "B"))
    assert statuses(send(("a", "A"), ("b", "B"), ("c", "C"))) == [200] * 3
    assert texts() == ["A", "B", "C"]


def test_half_an_emoji_stops_nothing(publisher, send):
    """It is what is left of a text that was cut, and no database stores it."""
    odd = {name: f"{text}\ud83d\x00" for name, text in new_post("a", "A").items()}
    odd |= {"content-0-value": new_post("a", "A\ud83d")["content-0-value"]}
    kept = ("message_id", "title", "author_name", "content-0-value")
    odd = new_post("a", "A") | {name: odd[name] for name in kept}
    assert statuses(send(odd, ("b", "B"))) == [200, 200]
    assert texts() == ["A", "B"]
    assert LivePost.objects.earliest("updated_at").message_id == "a"


def test_one_that_is_refused_does_not_stop_the_others(publisher, send):
    long = {**new_post("b", "B"), "title": "B" * 256}
    huge = new_post("c", "C" * 100_001)
    response = send(("a", "A"), long, huge, ("d", "D"))
    assert statuses(response) == [200, 422, 413, 200]
    assert "at most 255 characters" in response.json()["results"][1]["html"]
    assert texts() == ["A", "D"]


def test_none_overtakes_one_at_which_the_server_failed(
    publisher, send, client, fail_at
):
    fail_at("B")
    assert statuses(send(("a", "A"), ("b", "B"), ("c", "C"))) == [200]
    client.raise_request_exception = False
    assert send(("b", "B"), ("c", "C")).status_code == 500
    assert texts() == ["A"]


def test_saving_ends_before_the_browser_gives_up(publisher, send, monkeypatch):
    monkeypatch.setattr(queue, "MAX_DURATION", 0)
    assert statuses(send(("a", "A"), ("b", "B"))) == [200]


def test_a_request_saves_a_limited_number_of_posts(publisher, send, monkeypatch):
    monkeypatch.setattr(queue, "MAX_DURATION", 600)  # also on a slow computer
    forms = [(f"m{number}", "A") for number in range(queue.MAX_POSTS + 1)]
    assert len(statuses(send(*forms))) == queue.MAX_POSTS


def test_each_post_needs_its_rights(drafter, send):
    draft = new_post("b", "B", action="draft")
    assert statuses(send(("a", "A"), draft)) == [403, 200]
    assert texts() == ["B"]


def test_the_fields_of_an_edit_are_taken_as_a_new_post(drafter, send):
    fields = {"action": "submit", "correction": "It was Ada.", "expected": "1.0"}
    assert statuses(send(new_post("a", "A", **fields))) == [200]
    assert LivePost.objects.get().correction == ""


@pytest.mark.parametrize(
    "body",
    ["x", "[]", "{}", '{"posts": 1}', '{"posts": [[["a", 1]]]}', '{"posts": [["a"]]}'],
)
def test_anything_else_is_refused(publisher, client, match_page, body):
    response = client.post(url("add", match_page), body, CONTENT_TYPE)
    assert response.status_code == 400
    assert "not valid" in response.json()["error"]


def test_the_text_of_one_user_is_not_published_as_another(publisher, send, match_page):
    other = user_who_may(match_page, "change_page", name="other")
    response = send(("a", "A"), **{"X-Live-Desk-User": str(other.pk)})
    assert response.status_code == 401
    assert "signed in as editor" in response.json()["error"]
    own = send(("a", "A"), **{"X-Live-Desk-User": str(publisher.pk)})
    assert statuses(own) == [200]


def test_nested_lists_are_refused(client, publisher, match_page, send):
    nested = "[" * 100_000
    address = url("add", match_page)
    assert client.post(address, nested, CONTENT_TYPE).status_code == 400
    assert statuses(send({**new_post("a", "A"), "coauthors": nested[:50_000]})) == [400]
