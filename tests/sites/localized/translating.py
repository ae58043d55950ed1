"""Tests that tests/sites/test_localized.py runs in a process with other settings."""

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from wagtail.models import Locale
from wagtail_localize.models import (
    StringSegment,
    StringTranslation,
    Translation,
    TranslationSource,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def french():
    return Locale.objects.get_or_create(language_code="fr")[0]


@pytest.fixture
def translation(home_page, match_page, french):
    """Create the French translation of a page that has a post."""
    for page in (home_page, match_page):
        source, _ = TranslationSource.get_or_create_from_instance(page)
        translation = Translation.objects.create(source=source, target_locale=french)
        if page == match_page:
            page.add_live_post("<p>Kick-off</p>")
        translation.save_target(publish=True)
    return translation


@pytest.fixture
def french_page(match_page, translation, french):
    return match_page.get_translation(french)


def test_a_translation_has_a_blog_of_its_own(match_page, french_page):
    assert french_page.channel_id != match_page.channel_id
    assert list(french_page.live_posts) == []
    french_page.add_live_post("<p>Coup d’envoi</p>")
    assert [post.text for post in french_page.live_posts] == ["Coup d’envoi"]
    assert [post.text for post in match_page.live_posts] == ["Kick-off"]


def test_translating_again_keeps_its_posts(match_page, french_page, translation):
    french_page.add_live_post("<p>Coup d’envoi</p>")
    channel_id, cursor = french_page.channel_id, french_page.last_update_timestamp
    match_page.title = "The final"
    match_page.save_revision().publish()
    translation.source.update_from_db()
    [title] = StringSegment.objects.filter(
        source=translation.source, string__data="The final"
    )
    StringTranslation.objects.create(
        translation_of=title.string,
        context=title.context,
        locale=translation.target_locale,
        data="La finale",
    )
    translation.save_target(publish=True)
    french_page = type(french_page).objects.get(pk=french_page.pk)
    assert french_page.title == "La finale"
    assert [post.text for post in french_page.live_posts] == ["Coup d’envoi"]
    assert french_page.channel_id == channel_id
    assert french_page.last_update_timestamp == cursor


def test_no_post_and_no_id_is_offered_for_translation(match_page, translation):
    translation.source.update_from_db()
    offered = StringSegment.objects.filter(source=translation.source)
    texts = offered.values_list("string__data", flat=True)
    assert "Match" in texts
    assert not any("Kick-off" in text for text in texts)
    assert match_page.channel_id not in texts


def test_each_page_is_in_its_language(
    client, settings, home_page, match_page, french_page
):
    """Whatever language a reader's browser asks for."""
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.middleware.locale.LocaleMiddleware",
    ]
    template, context = "wagtail_live/live_posts.html", {"page": french_page}
    with override("en"):
        html = render_to_string(template, context)
    assert ' lang="fr"' in html
    assert "Pause updates" not in html
    page = client.get(match_page.url, headers={"Accept-Language": "fr"})
    assert ' lang="en"' in page.content.decode()
    assert "Pause updates" in page.content.decode()
