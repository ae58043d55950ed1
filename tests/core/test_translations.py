"""The page speaks the reader's language."""

import pytest
from django.test import override_settings
from django.utils import translation

from wagtail_live.models import ChannelState
from wagtail_live.page.element import get_texts

LIVE = {"fr": "En direct", "de": "Live", "es": "En directo", "ar": "مباشر"}


@pytest.mark.django_db
@pytest.mark.parametrize("language", LIVE)
def test_a_page_is_in_its_readers_language(client, match_page, language):
    match_page.add_live_post("Goal")
    with override_settings(LANGUAGE_CODE=language), translation.override(language):
        text = client.get(match_page.url).content.decode()
    direction = "rtl" if language == "ar" else "ltr"
    assert f' lang="{language}" dir="{direction}"' in text
    assert f">{LIVE[language]}</span>" in text
    for word in ("Pause updates", "Oldest first", "Share", "Last update"):
        assert f">{word}" not in text


@pytest.mark.parametrize("language", LIVE)
def test_the_states_are_translated(language):
    with translation.override(language):
        assert str(ChannelState.ENDED.label) != "Ended"


def test_arabic_has_six_plural_forms():
    with translation.override("ar"):
        texts = get_texts()
    assert len({text for name, text in texts.items() if name.startswith("new-")}) == 5
    assert "#" not in texts["new-two"]
    assert "#" in texts["new-few"]
