"""What the page's module costs, and what it is told."""

import gzip
from pathlib import Path

import pytest
from django.utils import translation

import wagtail_live
from wagtail_live.page.element import get_attributes, get_texts

MODULE = Path(wagtail_live.__file__).parent / "static/wagtail_live/live-blog.js"


def test_the_module_is_small():
    assert len(gzip.compress(MODULE.read_bytes(), 9)) <= 6 * 1024


def test_the_module_stands_alone():
    assert "import" not in MODULE.read_text()


@pytest.mark.django_db
def test_the_element_is_told_how_to_follow(match_page):
    attributes = get_attributes(match_page.live_channel, prefers_streams=True)
    assert attributes["channel"] == match_page.channel_id
    assert float(attributes["cursor"]) == match_page.last_update_timestamp
    assert attributes["event-stream"].endswith(f"/stream/{match_page.channel_id}/")
    assert attributes["lang"] == "en-us"
    assert attributes["dir"] == "ltr"
    assert "embeds" not in attributes


def test_texts_have_a_place_for_the_number_in_every_plural_form():
    for language in ["en", "fr", "de", "es", "ar"]:
        with translation.override(language):
            texts = get_texts()
        assert all(texts.values())
        assert "#" in texts["new-other"]
