"""The search on the desk, and posts in the search for pages."""

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.search.backends import get_search_backend

from tests.load.costs import fill
from wagtail_live import posts
from wagtail_live.admin.desk.timeline import Filters, list_posts
from wagtail_live.models import ChannelState, LivePost, SearchablePost
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = [pytest.mark.every_database, pytest.mark.django_db(transaction=True)]

ODD_WORDS = ['"', "'", 'goal"', "*", "(", "\\", "&", "-", ":*", "NEAR(", "NOT", "😀"]


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


def found(channel, words, **filters):
    return [
        post.text for post in list_posts(Filters(channel, {"q": words, **filters}))[0]
    ]


def test_a_post_is_found_by_title_text_and_byline(channel):
    posts.publish(
        channel,
        "<p>A <b>splendid</b> goal</p>",
        title="Halftime",
        author_name="Rosa",
        actor=SYSTEM,
    )
    posts.publish(channel, "Rain again", actor=SYSTEM)
    for words in ("halftime", "SPLENDID goal", "splen", "rosa"):
        assert found(channel, words) == ["A splendid goal"]
    assert found(channel, "snow") == []


def test_drafts_and_hidden_posts_are_found_and_filtered(channel):
    posts.publish(channel, "Goal one", show=False, actor=SYSTEM)
    posts.hide(channel, posts.publish(channel, "Goal two", actor=SYSTEM), actor=SYSTEM)
    assert found(channel, "goal") == ["Goal two", "Goal one"]
    assert found(channel, "goal", status="draft") == ["Goal one"]


def test_an_edited_post_is_found_by_its_new_text(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    posts.edit(channel, post, content="Offside", actor=SYSTEM)
    assert found(channel, "goal") == []
    assert found(channel, "offside") == ["Offside"]


@pytest.mark.parametrize("was_shown", [True, False])
def test_a_post_that_is_edited_and_shown_or_hidden_at_once(channel, was_shown):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    posts.edit(channel, post, show=was_shown, actor=SYSTEM)
    posts.edit(channel, post, content="Offside", show=not was_shown, actor=SYSTEM)
    assert found(channel, "goal") == []
    assert found(channel, "offside") == ["Offside"]


def test_a_post_that_is_edited_as_its_schedule_is_cancelled(channel):
    later = timezone.now() + timedelta(hours=1)
    post = posts.publish(channel, "Goal", go_live_at=later, actor=SYSTEM)
    posts.edit(channel, post, content="Offside", go_live_at=None, actor=SYSTEM)
    assert found(channel, "offside") == ["Offside"]


def test_a_deleted_post_is_found_again_after_undo(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    kept = posts.snapshot(post)
    posts.delete(channel, post, actor=SYSTEM)
    assert found(channel, "goal") == []
    assert not SearchablePost.objects.exists()
    posts.restore(channel, kept, actor=SYSTEM)
    assert found(channel, "goal") == ["Goal"]


def test_the_posts_of_another_page_are_not_found(channel, other_page):
    other_page.add_live_post("Goal")
    assert found(channel, "goal") == []


def test_any_search_text_is_valid(channel):
    posts.publish(channel, "Rain again", actor=SYSTEM)
    for words in ODD_WORDS:
        assert found(channel, words) in ([], ["Rain again"])


def test_quotes_do_not_hide_what_is_between_them(channel):
    posts.publish(channel, "A splendid goal", actor=SYSTEM)
    assert found(channel, '"splendid goal"') == ["A splendid goal"]


def test_a_search_costs_one_query_and_continues_at_the_cursor(channel, match_page):
    filters = Filters(channel, {"q": "ball"})
    for number in (50, 1200):
        fill(match_page, number - channel.posts.count())
        index_everything()
        before, seen = None, []
        while before or not seen:
            with CaptureQueriesContext(connection) as queries:
                page, before = list_posts(filters, before)
            assert len(queries) == 1
            seen += page
        assert seen == list(channel.posts.newest_first())


def index_everything():
    """Index posts that were written past the signals."""
    for post in LivePost.objects.filter(searchable=None):
        SearchablePost.objects.create(post=post, channel_id=post.channel_id)
    call_command("update_index", verbosity=0)


def test_update_index_rebuilds_the_index(channel):
    posts.publish(channel, "Goal", actor=SYSTEM)
    get_search_backend().get_index_for_model(SearchablePost).reset()
    assert found(channel, "goal") == []
    call_command("update_index", verbosity=0)
    assert found(channel, "goal") == ["Goal"]


def test_a_post_that_cannot_be_indexed_is_published_and_logged(
    channel, monkeypatch, caplog
):
    def broken(self):
        raise OSError("no index today")

    with monkeypatch.context() as broken_index, caplog.at_level(logging.ERROR):
        broken_index.setattr(SearchablePost, "text", property(broken))
        post = posts.publish(channel, "Goal", actor=SYSTEM)
    assert "no index today" in caplog.text
    assert channel.posts.visible().get() == post
    posts.edit(channel, post, content="Goal!", actor=SYSTEM)
    assert found(channel, "goal") == ["Goal!"]


def test_a_page_is_found_by_what_readers_see(channel, match_page, found_pages):
    posts.publish(channel, "Goal", title="Splendid", actor=SYSTEM)
    posts.publish(channel, "A rumour", show=False, actor=SYSTEM)
    posts.publish(channel, "A blunder", actor=SYSTEM)
    match_page.save()
    for words in ("goal", "splendid", "blunder"):
        assert found_pages(words) == [match_page.title]
    assert found_pages("rumour") == []


@pytest.mark.parametrize(
    "withdraw",
    [
        posts.hide,
        posts.delete,
        partial(posts.edit, content="Offside"),
        partial(posts.edit, go_live_at=datetime(2100, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_page_is_not_found_by_what_was_withdrawn(
    channel, match_page, home_page, found_pages, withdraw
):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    alias = match_page.create_alias(parent=home_page, update_slug="alias")
    match_page.save()
    assert found_pages("goal") == [alias.title, match_page.title]
    withdraw(channel, post, actor=SYSTEM)
    assert found_pages("goal") == []


def test_a_page_is_found_by_all_posts_when_the_blog_ends(
    channel, match_page, found_pages
):
    posts.publish(channel, "Goal", actor=SYSTEM)
    assert found_pages("goal") == []
    coverage.set_state(channel, ChannelState.ENDED, actor=SYSTEM)
    assert found_pages("goal") == [match_page.title]
