"""The Python API of a live page."""

from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.models import Embed
from wagtail.models import Page

from tests.receivers.image_files import make_image
from tests.testapp.models import ArticlePage, LiveArticlePage, MatchPage
from wagtail_live.blocks.embeds import get_card_hash
from wagtail_live.images import add_image
from wagtail_live.models import Channel, LivePost, PostStatus

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


def test_a_channel_id_is_generated_and_stays(home_page):
    page = MatchPage(title="Final", slug="final")
    channel_id = page.channel_id
    home_page.add_child(instance=page)
    assert len(channel_id) == 12
    assert MatchPage.objects.get(pk=page.pk).channel_id == channel_id


def test_a_channel_id_is_accepted_by_the_constructor(home_page):
    page = home_page.add_child(
        instance=MatchPage(title="Final", slug="final", channel_id="C0123")
    )
    assert MatchPage.objects.get(pk=page.pk).channel_id == "C0123"


def test_a_channel_id_can_be_changed_and_keeps_the_posts(match_page):
    post = match_page.add_live_post("Kick-off")
    match_page.channel_id = "new"
    match_page.save()
    assert MatchPage.objects.get(pk=match_page.pk).channel_id == "new"
    assert list(match_page.live_posts) == [post]


@pytest.mark.parametrize("channel_id", ["a/b", "a\0b", "a\nb", "..", "x" * 256])
def test_a_channel_id_that_fits_in_no_url_is_refused(home_page, channel_id):
    page = MatchPage(title="Final", slug="final", channel_id=channel_id)
    with pytest.raises(ValidationError):
        home_page.add_child(instance=page)


def test_a_channel_id_that_is_taken_is_refused(home_page, match_page):
    match_page.channel_id = "taken"
    match_page.save()
    with pytest.raises(ValidationError):
        home_page.add_child(
            instance=MatchPage(title="Final", slug="final", channel_id="taken")
        )


def test_an_unsaved_page_has_no_posts():
    assert list(MatchPage(title="Final").live_posts) == []


def test_live_posts_are_those_that_readers_see_newest_first(match_page):
    now = timezone.now()
    old = match_page.add_live_post("Old", created=now - timedelta(hours=1))
    new = match_page.add_live_post("New", created=now)
    match_page.add_live_post("Hidden", show=False)
    oldest = match_page.add_live_post("Oldest", created=now - timedelta(hours=2))
    assert [post.id for post in match_page.live_posts] == [new.id, old.id, oldest.id]


def test_posts_of_the_same_moment_stay_in_the_order_of_arrival(match_page):
    moment = timezone.now()
    posts = [match_page.add_live_post(str(n), created=moment) for n in range(20)]
    assert list(match_page.live_posts) == posts[::-1]


def test_last_updated_at_moves_with_each_update(match_page):
    cursors = [match_page.last_updated_at]
    post = match_page.add_live_post("Goal")
    cursors.append(match_page.last_updated_at)
    match_page.update_live_post(post, content="Own goal")
    cursors.append(match_page.last_updated_at)
    match_page.update_live_post(post, show=False)
    cursors.append(match_page.last_updated_at)
    match_page.update_live_post(post, show=True)
    cursors.append(match_page.last_updated_at)
    match_page.delete_live_post(post)
    cursors.append(match_page.last_updated_at)
    assert cursors == sorted(set(cursors))
    assert timezone.is_aware(match_page.last_updated_at)
    assert match_page.last_update_timestamp == cursors[-1].timestamp()


def test_get_updates_since_a_cursor(match_page):
    first = match_page.add_live_post("First")
    cursor = match_page.last_updated_at
    second = match_page.add_live_post("Second")
    match_page.update_live_post(first, content="First, corrected")
    hidden = match_page.add_live_post("Hidden", show=False)
    updated, current = match_page.get_updates_since(cursor)
    assert list(updated) == [str(second.pk), str(first.pk)]
    assert updated[str(first.pk)]["show"] is True
    assert "First, corrected" in updated[str(first.pk)]["content"]
    assert current == [str(first.pk), str(second.pk)]
    assert str(hidden.pk) not in str((updated, current))


def test_a_post_is_found_by_its_message(match_page):
    post = match_page.add_live_post("Goal", source="slack", message_id="17.1")
    assert match_page.get_live_post_by_message_id("17.1", "slack") == post
    with pytest.raises(LivePost.DoesNotExist):
        match_page.get_live_post_by_message_id("17.1")


def test_two_page_types_are_live_and_their_tables_have_no_new_column(home_page):
    article = LiveArticlePage(title="Story", slug="story", body="<p>Text</p>")
    home_page.add_child(instance=article)
    article.add_live_post("News")
    assert article.live_posts.count() == 1
    with connection.cursor() as cursor:
        columns = {
            model: [
                column.name
                for column in connection.introspection.get_table_description(
                    cursor, model._meta.db_table
                )
            ]
            for model in (MatchPage, ArticlePage, LiveArticlePage)
        }
    assert columns == {
        MatchPage: ["page_ptr_id"],
        ArticlePage: ["page_ptr_id", "body", "lead_image_id"],
        LiveArticlePage: ["articlepage_ptr_id"],
    }


def test_a_post_names_itself_by_title_or_first_words(match_page):
    text = "<p>" + " ".join(f"word{n}" for n in range(30)) + "</p>"
    assert match_page.add_live_post(text).headline.endswith("word11…")
    post = match_page.add_live_post(text)
    post.title = "Goal"
    assert post.headline == "Goal"


def test_the_sitemap_has_the_latest_update(match_page):
    match_page.add_live_post("Goal")
    [entry] = match_page.get_sitemap_urls()
    assert entry["lastmod"] == match_page.live_posts[0].updated_at


def test_deleting_a_page_deletes_its_channel(match_page):
    match_page.add_live_post("Goal")
    Page.objects.get(pk=match_page.pk).delete()
    assert not Channel.objects.exists()
    assert not LivePost.objects.exists()


def test_the_database_and_the_post_agree_on_its_status(match_page):
    now = timezone.now()
    fields = ("show", "go_live_at", "first_published_at", "submitted_at")
    for are_set in product((False, True), repeat=len(fields)):
        times = dict(zip(fields, are_set, strict=True))
        show = times.pop("show")
        values = {name: now if is_set else None for name, is_set in times.items()}
        LivePost.objects.create(
            channel=match_page.live_channel, content=[], show=show, **values
        )
    posts = LivePost.objects.all()
    assert len(posts) == 16
    for status in PostStatus:
        expected = {post for post in posts if post.status == status}
        assert expected
        assert set(LivePost.objects.with_status(status)) == expected
    with pytest.raises(ValueError, match="archived"):
        LivePost.objects.with_status("archived")


def test_headlines_of_posts_without_words(match_page):
    with_alt, without_alt = (add_image(make_image(), "photo.jpg") for _ in range(2))
    with_alt.contextual_alt_text = "The goal"
    without_alt.contextual_alt_text = ""
    known, card, unknown = (f"https://{n}.example/" for n in ("video", "card", "x"))
    values = {"html": "<video>", "type": "video", "url": known}
    Embed.objects.create(hash=get_embed_hash(known), **values)
    values = {"title": "Reds win", "type": "link", "url": card}
    Embed.objects.create(hash=get_card_hash(card), **values)
    for content, headline in (
        ([("image", with_alt)], "The goal"),
        ([("image", without_alt)], "Photo"),
        ([("gallery", [without_alt, with_alt])], "The goal"),
        ([("gallery", [without_alt])], "Photo"),
        ([("embed", card)], "Reds win"),
        ([("embed", known)], "Video"),
        ([("embed", unknown)], "Link"),
        ([("image", without_alt), ("embed", card)], "Reds win"),
        ("", ""),
    ):
        assert match_page.add_live_post(content).headline == headline


def test_headline_and_excerpt_of_languages_without_spaces(match_page):
    post = match_page.add_live_post("試合は後半に入り、" * 100)
    assert post.headline.startswith("試合は後半")
    assert len(post.headline) == 100
    assert len(post.excerpt) == 300
    assert len(str(post)) < 130


def test_lines_of_a_post_stay_apart(match_page):
    post = match_page.add_live_post("<p>Score 2<br>1 minute left</p>")
    assert post.headline == post.excerpt == "Score 2 1 minute left"
    assert match_page.get_live_posts_text() == "Score 2 1 minute left"
