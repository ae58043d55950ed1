"""Posts of wagtail-live 1.0 become rows."""

import time
import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.migrations.writer import OperationWriter
from django.utils.dateparse import parse_datetime
from wagtail.blocks import CharBlock

from tests.upgrade.blog import MATCH_DAY, show, stored_post, texts, upgraded
from tests.upgrade.oldblog.models import BlogPage
from wagtail_live.blocks import LivePostBlock
from wagtail_live.models import ChannelState, PostStatus
from wagtail_live.upgrade import MoveLivePosts

pytestmark = [
    pytest.mark.every_database,
    pytest.mark.every_version,
    pytest.mark.slow,
]


class ScorePostBlock(LivePostBlock):
    score = CharBlock()


def test_readers_see_what_they_saw(page, old_site, image):
    old_site.upgrade()
    blog = upgraded(page)
    assert texts(blog) == ["", "Goal! Goal", "Kick-off"]  # with the image's text
    html = show(blog)
    assert "A rumour" not in html
    assert "Not out yet" not in html
    assert 'href="https://www.youtube.com/watch?v=abc"' in html
    assert 'alt="Goal"' in html
    assert image.file.name.partition("/")[2].partition(".")[0] in html


def test_ids_times_and_the_channel_are_kept(page, old_site, sample):
    old_site.upgrade()
    blog = upgraded(page)
    assert blog.channel_id == sample["channel_id"]
    for block in sample["live_posts"]:
        post = blog.get_live_post_by_message_id(block["value"]["message_id"])
        assert str(post.pk) == block["id"]
        assert post.created == parse_datetime(block["value"]["created"])
        modified = block["value"]["modified"]
        assert post.modified == (modified and parse_datetime(modified))
        assert post.show == block["value"]["show"]


def test_hidden_posts_stay_hidden_and_drafts_drafts(page, old_site):
    old_site.upgrade()
    posts = upgraded(page).live_channel.posts
    assert [post.text for post in posts.with_status(PostStatus.HIDDEN)] == ["A rumour"]
    assert [post.text for post in posts.with_status(PostStatus.DRAFT)] == [
        "Not out yet"
    ]


def test_a_reader_with_an_old_cursor_gets_what_came_since(page, old_site):
    old_site.upgrade()
    blog = upgraded(page)
    edited = blog.get_live_post_by_message_id("1630519200.000100")
    updates, _ = blog.get_updates_since(MATCH_DAY + timedelta(minutes=5))
    assert list(updates) == [str(edited.pk)]
    assert blog.get_updates_since(blog.last_updated_at)[0] == {}


def test_old_coverage_has_ended_and_that_of_today_goes_on(page, old_site):
    today = old_site.add_page("today", [stored_post()])
    old_site.upgrade()
    assert upgraded(page).live_channel.state == ChannelState.ENDED
    assert upgraded(today).live_channel.state == ChannelState.LIVE


def test_the_page_can_be_written(page, old_site):
    old_site.upgrade()
    blog = upgraded(page)
    post = blog.get_live_post_by_message_id("1630519260.000200")
    blog.update_live_post(post, content="Goal! Or was it?")
    blog.add_live_post("It was.")
    assert texts(blog)[0] == "It was."
    assert "Goal! Or was it?" in texts(blog)


def test_a_thousand_posts_take_seconds(old_site):
    posts = [stored_post(minutes, f"Minute {minutes}") for minutes in range(1000)]
    page = old_site.add_page("long", posts[::-1])
    start = time.monotonic()
    migrate_start = time.process_time()
    old_site.upgrade()
    assert time.process_time() - migrate_start < 10, time.monotonic() - start
    ids = [str(post.pk) for post in upgraded(page).live_posts]
    assert ids == [post["id"] for post in posts[::-1]]


def test_posts_of_one_moment_keep_their_order(old_site):
    posts = [stored_post(text=f"Part {number}") for number in range(5)]
    page = old_site.add_page("parts", posts[::-1])
    old_site.upgrade()
    assert texts(upgraded(page)) == [f"Part {number}" for number in (4, 3, 2, 1, 0)]


def test_posts_without_a_time_stay_where_they_are(old_site):
    posts = [
        stored_post(9, "Third"),
        stored_post(text="Second", created=None),
        stored_post(1, "First"),
    ]
    page = old_site.add_page("untimed", posts)
    old_site.upgrade()
    assert texts(upgraded(page)) == ["Third", "Second", "First"]


def test_the_posts_of_a_copied_page_are_posts_of_their_own(old_site):
    posts = [stored_post(message_id="1")]
    pages = [old_site.add_page(slug, posts) for slug in ("original", "copy")]
    old_site.upgrade()
    original, copied = (upgraded(page).live_posts.get() for page in pages)
    assert str(original.pk) == posts[0]["id"]
    assert copied.text == original.text
    assert copied.pk != original.pk


def test_the_newest_post_of_a_message_keeps_its_id(old_site):
    posts = [stored_post(2, "New", "1"), stored_post(1, "Old", "1")]
    page = old_site.add_page("twice", posts)
    old_site.upgrade()
    assert upgraded(page).get_live_post_by_message_id("1").text == "New"
    assert texts(upgraded(page)) == ["New", "Old"]


def test_a_channel_id_that_another_page_has_is_not_taken_away(old_site, match_page):
    match_page.channel_id = "C024BE91L"
    match_page.save()
    page = old_site.add_page("old", [stored_post()], "C024BE91L")
    old_site.upgrade()
    assert match_page.channel_id == "C024BE91L"
    assert upgraded(page).channel_id != "C024BE91L"
    assert texts(upgraded(page)) == ["Goal!"]


def test_django_says_what_the_migration_does(old_site, capsys):
    call_command("migrate", "oldblog", plan=True)
    assert "Move the live posts of BlogPage into rows" in capsys.readouterr().out


def test_the_migration_can_be_squashed():
    code, imports = OperationWriter(
        MoveLivePosts("BlogPage"), indentation=0
    ).serialize()
    assert imports == {"import wagtail_live.upgrade.operation"}
    assert "MoveLivePosts" in code
    assert "BlogPage" in code


@pytest.mark.parametrize("stored", ["[]", ""])
def test_a_page_without_posts(old_site, stored):
    page = old_site.add_page("empty", stored, channel_id="quiet")
    old_site.upgrade()
    assert upgraded(page).channel_id == "quiet"
    assert texts(upgraded(page)) == []


@pytest.mark.parametrize("place", ["site", "page type"])
def test_a_block_that_the_site_had_added_is_kept(
    old_site, settings, monkeypatch, place
):
    if place == "site":
        settings.WAGTAIL_LIVE_POST_BLOCK = f"{__name__}.ScorePostBlock"
    else:
        monkeypatch.setattr(BlogPage, "live_post_block", ScorePostBlock)
    odd = {"type": "score", "id": str(uuid.uuid4()), "value": "2:1"}
    page = old_site.add_page("score", [stored_post(), odd])
    old_site.upgrade()
    assert [post.content[0].value for post in upgraded(page).live_posts][1] == "2:1"
    monkeypatch.setattr(BlogPage, "live_post_block", None)
    settings.WAGTAIL_LIVE_POST_BLOCK = "wagtail_live.blocks.LivePostBlock"
    kept = upgraded(page).live_posts[1]
    assert [child.block_type for child in kept.content] == ["score"]
    assert kept.text == ""
    old_site.downgrade()
    _, stored = old_site.stored(page)
    assert odd["value"] in str(stored)
