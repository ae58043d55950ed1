"""Bad requests: a status, problem details, and nothing written."""

import pytest

from tests.api.calling import Caller
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db

NOT_JSON = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"content": ' + b"9" * 100_000 + b"}",
    b'{"content": NaN}',
]
WRONG = [
    ({}, "content"),
    ({"content": None}, "content"),
    ({"content": 7}, "content"),
    ({"content": ""}, "content"),
    ({"content": []}, "content"),
    ({"content": "<script>alert(1)</script>"}, "content"),
    ({"content": ["Goal"]}, "content"),
    ({"content": [{"type": "text"}]}, "content"),
    ({"content": [{"type": "html", "value": "<p>Goal</p>"}]}, "content"),
    ({"content": [{"type": [], "value": "<p>Goal</p>"}]}, "content"),
    ({"content": [{"type": "text", "value": {"a": 1}}]}, "content"),
    ({"content": [{"type": "image", "value": 10**30}]}, "content"),
    ({"content": [{"type": "image", "value": {"image": {"image": 1}}}]}, "content"),
    ({"content": [{"type": "image", "value": True}]}, "content"),
    ({"content": [{"type": "embed", "value": "no address"}]}, "content"),
    ({"content": [{"type": "embed", "value": ["https://a.example"]}]}, "content"),
    ({"content": [{"type": "embed", "value": "javascript:alert(1)"}]}, "content"),
    ({"content": "Goal", "title": "x" * 256}, "title"),
    ({"content": "Goal", "title": None}, "title"),
    ({"content": "Goal", "is_key_event": "perhaps"}, "is_key_event"),
    ({"content": "Goal", "go_live_at": "soon"}, "go_live_at"),
    ({"content": "Goal", "show": True, "go_live_at": "2999-01-01"}, "go_live_at"),
    ({"content": "Goal", "author": 1}, "author"),
    ({"content": "Goal", "id": "1"}, "id"),
    ({"content": "Goal", "created": "soon"}, "created"),
    ({"content": "Goal", "created": None}, "created"),
    ({"content": "Goal", "created": "1969-12-31T00:00:00Z"}, "created"),
    ({"content": "Goal", "created": "2999-01-01T00:00:00Z"}, "created"),
    (
        {
            "content": "Goal",
            "created": "2026-01-01T00:00:00Z",
            "go_live_at": "2999-01-01T00:00:00Z",
        },
        "created",
    ),
]


def send(api, body, content_type="application/json"):
    return api.client.post(
        f"{api.root}posts/",
        body,
        content_type=content_type,
        headers={"Authorization": f"Bearer {api.secret}"},
    )


def assert_problem(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/problem+json")
    assert response["Cache-Control"] == "no-store"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert not LivePost.objects.exists()


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_a_body_that_is_not_a_json_object(api, body):
    assert_problem(send(api, body), 400)


@pytest.mark.parametrize(("data", "field"), WRONG, ids=range(len(WRONG)))
def test_fields_that_are_wrong(api, data, field):
    response = api("post", "posts/", data)
    assert_problem(response, 400)
    assert response.json()["errors"][field]


def test_an_error_names_the_block(api):
    good, bad = ({"type": "text", "value": value} for value in ("Goal", ""))
    response = api.add({"content": [good, bad]})
    [message] = response.json()["errors"]["content"]
    assert message.startswith("block 2: ")


def test_other_bodies_and_methods(api):
    assert_problem(send(api, b"a=1", "application/x-www-form-urlencoded"), 415)
    assert_problem(send(api, b"{}" + b" " * 2**20), 413)
    assert_problem(api("put", "posts/", {}), 405)
    assert_problem(api("post", "", {}), 405)
    assert_problem(api.get("nothing/"), 404)
    assert_problem(api("post", "posts", {}), 404)


@pytest.mark.parametrize("length", ["", "-1", "1e3", "٣", "9" * 30, "1, 2"])
def test_a_content_length_that_is_not_a_number(api, length):
    response = api.client.generic(
        "GET",
        f"{api.root}posts/",
        headers={"Authorization": f"Bearer {api.secret}"},
        CONTENT_LENGTH=length,
    )
    assert response.status_code == (400 if length else 200)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=1"])
def test_wrong_queries_of_a_list(api, query):
    assert_problem(api.get(f"posts/?{query}"), 400)


@pytest.mark.parametrize("since", ["", "x", "nan", "-1", "1e400", "1&since=2"])
def test_wrong_cursors(api, since):
    response = api.get(f"updates/?since={since}")
    assert_problem(response, 400)
    assert "since" in response.json()["errors"]["since"][0]


def test_characters_that_cannot_be_stored_are_removed(api):
    text = "G\x00o\u202eal\ud800"
    body = b'{"title": "%s", "content": "%s"}' % ((ascii(text)[1:-1].encode(),) * 2)
    body = body.replace(b"\\x00", b"\\u0000")
    response = send(api, body)
    assert response.status_code == 201
    post = response.json()
    assert post["title"] == "Goal"
    assert post["content"][0]["value"] == "<p>Goal</p>"


def test_internal_errors_reveal_nothing(api, monkeypatch, caplog, settings):
    settings.DEBUG = True

    def fail(*args, **kwargs):
        raise RuntimeError("the inside")

    monkeypatch.setattr("wagtail_live.posts.publish", fail)
    response = api.add()
    assert_problem(response, 500)
    assert b"the inside" not in response.content
    assert "the inside" in caplog.text


@pytest.mark.parametrize("channel_id", ["x" * 300, "%00", "a%2Fb", "..", "é"])
def test_impossible_channel_ids(api, channel_id):
    odd = Caller(api.client, channel_id, api.secret)
    assert odd.get().status_code == 404
    assert odd.add().status_code == 404
