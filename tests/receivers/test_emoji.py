"""Emoji look the same as in Slack."""

import pytest

from wagtail_live.receivers.emoji import emoji_by_code_points, emoji_by_name


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("tada", "🎉"),
        ("soccer", "⚽"),
        ("+1", "👍"),
        ("thumbsup", "👍"),
        # Two names for which other tables have another emoji, REQUIREMENTS 1.1.
        ("cat", "🐱"),
        ("email", "✉️"),
        ("flag-nl", "🇳🇱"),
        ("man-woman-girl-boy", "👨‍👩‍👧‍👦"),
        ("keycap_star", "*️⃣"),
    ],
)
def test_slacks_names_are_known(name, emoji):
    assert emoji_by_name(name) == emoji


@pytest.mark.parametrize(
    ("name", "tone", "emoji"),
    [
        ("wave", 2, "👋🏻"),
        ("wave", 6, "👋🏿"),
        ("woman-golfing", 4, "🏌🏽‍♀️"),
        ("point_up", 3, "☝🏼"),
        ("tada", 3, "🎉"),
        ("wave", 9, "👋"),
    ],
)
def test_skin_tones_are_shown_where_there_are_any(name, tone, emoji):
    assert emoji_by_name(name, tone) == emoji


@pytest.mark.parametrize("name", ["ajax_logo", "", "<b>", "#", "skin-tone-9"])
def test_a_workspaces_own_emoji_is_shown_by_its_name(name):
    assert emoji_by_name(name) == f":{name}:"


def test_code_points_are_characters():
    assert emoji_by_code_points("1f44b-1f3fd") == "👋🏽"


@pytest.mark.parametrize("code_points", ["", "xyz", "110000", "-", "1f44b-", "f" * 99])
def test_invalid_code_points_are_empty(code_points):
    assert emoji_by_code_points(code_points) == ""
