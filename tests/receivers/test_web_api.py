"""Calls of a platform's API, whose errors contain no secret."""

import traceback

import pytest

from tests.receivers.fake_server import Answer, FakeServer
from wagtail_live.receivers.fetch import ApiFailed, WebApi

SECRET = "canary-secret"


class FakePlatform(FakeServer):
    reply = Answer.json({"ok": True, "result": 1})

    def answer(self, call):
        return self.reply


@pytest.fixture
def platform():
    with FakePlatform() as platform:
        yield platform


def api(platform):
    return WebApi(f"{platform.url}/bot{SECRET}", {"Authorization": f"Bearer {SECRET}"})


def test_a_method_is_called_with_its_arguments(platform):
    assert api(platform).call("sendMessage", text="Goal ⚽")["result"] == 1
    (call,) = platform.calls
    assert call.path == f"/bot{SECRET}/sendMessage"
    assert call.headers["authorization"] == f"Bearer {SECRET}"
    assert call.arguments == {"text": "Goal ⚽"}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Answer.json({"ok": False, "error": "invalid_auth"}), "invalid_auth"),
        (Answer.json({"ok": False, "description": "No"}, status=400), "No"),
        (Answer.json({}), "not ok"),
        (Answer.json([]), "The response is not a JSON object"),
        (Answer(200, b"<html>"), "The response is not JSON"),
        (
            Answer(302, b"", {"Location": "http://127.0.0.1:1/"}),
            "The response is not JSON",
        ),
    ],
)
def test_a_failure_has_the_platforms_reason(platform, reply, reason):
    platform.reply = reply
    with pytest.raises(ApiFailed, match=f"getFile: {reason}"):
        api(platform).call("getFile")
    assert len(platform.calls) == 1


@pytest.mark.parametrize(
    ("reason", "is_final"),
    [
        ("file_deleted", True),
        ("Bad Request: file is too big", True),
        ("Bad Request: wrong file_id or the file is temporarily unavailable", False),
        ("ratelimited", False),
        ("missing_scope", False),
    ],
)
def test_a_request_that_cannot_succeed_is_not_repeated(platform, reason, is_final):
    platform.reply = Answer.json({"ok": False, "error": reason})
    with pytest.raises(ApiFailed) as failed:
        api(platform).call("getFile")
    assert failed.value.is_final is is_final


def test_failures_contain_no_secrets():
    """S6."""
    with FakePlatform() as platform:
        closed = api(platform)
    with pytest.raises(ApiFailed) as failed:
        closed.call("getFile")
    assert SECRET not in "".join(traceback.format_exception(failed.value))
    assert SECRET not in repr(closed)
