"""The setting ``WAGTAIL_LIVE_NCHAN`` and its checks."""

import pytest
from django.core import checks

from wagtail_live import conf

URL = "http://127.0.0.1:8090/publish"
KEY = "a-key-that-is-long-enough"
WRONG = [
    ("http://127.0.0.1:8090", "must be a dict, not a str."),
    ({"publish_url": URL}, "needs a key"),
    ({"publish_url": URL, "key": "short"}, "needs a key"),
    ({"publish_url": URL, "key": f"{KEY} and a space"}, "needs a key"),
    ({"publish_url": "127.0.0.1:8090", "key": KEY}, "needs a publish_url"),
    ({"publish_url": URL, "key": KEY, "keys": 1}, "has the unknown key 'keys'."),
]


def messages(check_id):
    return [message for message in checks.run_checks() if message.id == check_id]


@pytest.mark.parametrize(("value", "problem"), WRONG)
def test_a_wrong_value_is_an_error_without_secrets(settings, value, problem):
    settings.WAGTAIL_LIVE_NCHAN = value
    (error,) = messages("wagtail_live.E026")
    assert problem in error.msg
    assert KEY not in error.msg
    assert conf.get_engine() is None


def test_a_slash_at_the_end_of_the_url_makes_no_difference(settings):
    settings.WAGTAIL_LIVE_NCHAN = {"publish_url": f"{URL}/", "key": KEY}
    assert not messages("wagtail_live.E026")
    assert conf.get_engine().publish_url == URL


def test_two_engines_are_an_error(settings):
    settings.WAGTAIL_LIVE_NCHAN = {"publish_url": URL, "key": KEY}
    settings.WAGTAIL_LIVE_GRIP = {"control_uri": "http://127.0.0.1:5561", "key": KEY}
    assert messages("wagtail_live.E027")
