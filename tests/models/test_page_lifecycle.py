"""The channel of a page that is copied, moved, unpublished or restored."""

import pytest
from django.test import override_settings
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale, ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update

from tests.testapp.models import MatchPage

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def page(match_page):
    match_page.save_revision().publish()
    match_page.add_live_post("Kick-off")
    return match_page


def reload(page):
    return MatchPage.objects.get(pk=page.pk)


def test_a_copy_starts_an_empty_channel_of_its_own(page):
    copy = page.copy(update_attrs={"slug": "copy", "title": "Copy"})
    assert copy.channel_id != page.channel_id
    assert list(copy.live_posts) == []
    copy.add_live_post("Elsewhere")
    assert page.live_posts.count() == 1


def test_an_alias_shows_the_posts_of_its_source(page, client):
    alias = page.create_alias(update_slug="alias")
    assert alias.channel_id == page.channel_id
    post = alias.add_live_post("Goal")
    assert page.live_posts.first() == post
    assert "Goal" in client.get(alias.url).content.decode()


@override_settings(
    WAGTAIL_I18N_ENABLED=True,
    LANGUAGES=[("en", "English"), ("fr", "French")],
    WAGTAIL_CONTENT_LANGUAGES=[("en", "English"), ("fr", "French")],
)
def test_a_translation_starts_an_empty_channel_of_its_own(page):
    french = Locale.objects.create(language_code="fr")
    translation = page.copy_for_translation(french, copy_parents=True)
    assert translation.channel_id != page.channel_id
    assert list(translation.live_posts) == []


def test_a_move_changes_nothing(page, home_page):
    cursor, channel_id = page.last_updated_at, page.channel_id
    section = home_page.add_child(instance=MatchPage(title="Section", slug="section"))
    page.move(section, pos="last-child")
    moved = reload(page)
    assert moved.url == "/section/match/"
    assert (moved.last_updated_at, moved.channel_id) == (cursor, channel_id)
    assert moved.live_posts.count() == 1


def test_unpublishing_keeps_the_posts(page):
    cursor = page.last_updated_at
    page.unpublish()
    assert reload(page).live_posts.count() == 1
    assert reload(page).last_updated_at == cursor


def test_publishing_an_older_revision_keeps_posts_and_cursor(page):
    old = page.latest_revision
    page.title = "Match, second half"
    page.save_revision().publish()
    page.add_live_post("Goal")
    cursor = page.last_updated_at
    old.publish()
    restored = reload(page)
    assert restored.title == "Match"
    assert restored.live_posts.count() == 2
    assert restored.last_updated_at > cursor  # readers get the restored title


def test_an_editor_who_publishes_an_old_form_loses_no_post(page):
    """F-28: posts that arrive while the page is open in an editor stay."""
    opened = page.get_latest_revision_as_object()
    page.add_live_post("Goal")
    opened.title = "Match, live"
    opened.save_revision().publish()
    assert reload(page).live_posts.count() == 2


def test_an_image_knows_the_posts_that_use_it(page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = page.add_live_post([("image", image)])
    [reference] = ReferenceIndex.get_references_to(image)
    assert reference.object_id == str(post.pk)
    page.delete_live_post(post)
    assert not ReferenceIndex.get_references_to(image).exists()


def test_an_image_is_used_as_long_as_a_post_shows_it(page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = page.add_live_post("Goal")
    page.update_live_post(post, content=[("text", "Goal"), ("image", image)])
    assert image.get_usage().count() == 1
    page.update_live_post(post, content="Goal")
    assert image.get_usage().count() == 0


def test_references_are_not_indexed_if_the_site_disables_it(page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    with disable_reference_index_auto_update():
        page.add_live_post([("image", image)])
    assert image.get_usage().count() == 0
