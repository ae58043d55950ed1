"""Posts of wagtail-live 1.0 become rows, and rows become its posts again."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.migrations.writer import OperationWriter
from django.template import Context, Template
from django.utils.dateparse import parse_datetime
from wagtail.blocks import CharBlock
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.upgrade.oldblog.models import BlogPage
from wagtail_live.blocks import LivePostBlock
from wagtail_live.models import ChannelState, LivePost, PostStatus
from wagtail_live.upgrade import MoveLivePosts

pytestmark = pytest.mark.every_database

MATCH_DAY = datetime(2021, 9, 1, 18, 0, tzinfo=UTC)


class ScorePostBlock(LivePostBlock):
    score = CharBlock()


def stored_post(minutes=0, text="Goal!", message_id="", **value):
    created = (MATCH_DAY + timedelta(minutes=minutes)).isoformat()
    content = [{"type": "text", "value": f"<p>{text}</p>", "id": str(uuid.uuid4())}]
    return {
        "type": "live_post",
        "id": str(uuid.uuid4()),
        "value": {
            "message_id": message_id,
            "created": created,
            "modified": None,
            "show": True,
            "content": content,
            **value,
        },
    }


def texts(page):
    return [post.text for post in page.live_posts]


def upgraded(page):
    return BlogPage.objects.get(pk=page.pk)


def show(page):
    template = Template("{% load wagtail_live_tags %}{% live_posts page %}")
    return template.render(Context({"page": page}))


@pytest.fixture
def image(transactional_db):
    return get_image_model().objects.create(title="Goal", file=get_test_image_file())


@pytest.fixture
def page(old_site, sample, image):
    """The page of the sample, with an image that exists."""
    for block in sample["live_posts"]:
        for child in block["value"]["content"]:
            if child["type"] == "image":
                child["value"] = image.pk
    page = old_site.add_page(
        "final",
        sample["live_posts"],
        sample["channel_id"],
        parse_datetime(sample["last_updated_at"]).replace(tzinfo=UTC),
    )
    old_site.add_draft(page, sample["draft"])
    return page


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


def comparable(live_posts):
    """Times as times: 1.0 wrote ``Z``, and we write ``+00:00``."""
    return [
        {
            **block,
            "value": {
                **block["value"],
                "created": parse_datetime(block["value"]["created"]),
                "modified": block["value"]["modified"]
                and parse_datetime(block["value"]["modified"]),
            },
        }
        for block in live_posts
    ]


def test_back_to_1_0_and_on_again(page, old_site, sample):
    other = old_site.add_page("other", [stored_post(text="Elsewhere")])
    old_site.upgrade()
    BlogPage.objects.get(pk=other.pk).add_live_post("Since the upgrade")
    before = show(upgraded(page))
    old_site.downgrade()
    channel_id, live_posts = old_site.stored(page)
    assert channel_id == sample["channel_id"]
    assert comparable(live_posts) == comparable(sample["live_posts"])
    assert len(old_site.stored(other)[1]) == 2
    assert not LivePost.objects.exists()
    old_site.upgrade()
    assert show(upgraded(page)) == before
    assert texts(upgraded(other)) == ["Since the upgrade", "Elsewhere"]


def describe(page):
    """Return what must be the same after any number of rounds."""
    rows = upgraded(page).live_channel.posts.order_by("created", "id")
    return [
        (row.pk, row.message_id, row.status, row.text, row.created, row.modified)
        for row in rows
    ]


ROUNDS = 2


def test_any_number_of_rounds(old_site, page, sample):
    """A page, and a copy of it with its revision, as a real site has them."""
    copied = old_site.add_page("copy", sample["live_posts"])
    old_site.add_draft(copied, sample["draft"])
    old_site.upgrade()
    before = [describe(each) for each in (page, copied)]
    assert len(before[0]) == len(before[1]) == len(sample["live_posts"]) + 1
    for _ in range(ROUNDS):
        old_site.downgrade()
        _, stored = old_site.stored(copied)
        assert len(stored) == len(sample["live_posts"])
        old_site.upgrade()
        assert [describe(each) for each in (page, copied)] == before


def test_visible_posts_keep_their_message_ids(old_site):
    posts = [stored_post(minutes, message_id=str(minutes)) for minutes in range(30)]
    pages = [old_site.add_page(slug, posts[::-1]) for slug in ("original", "copy")]
    old_site.add_draft(pages[1], posts[::-1])
    for _ in range(ROUNDS):
        old_site.upgrade()
        copied = upgraded(pages[1])
        assert copied.live_channel.posts.count() == copied.live_posts.count() == 30
        assert {post.message_id for post in copied.live_posts} == set(
            map(str, range(30))
        )
        old_site.downgrade()


def test_a_page_that_was_deleted_between_rounds(old_site):
    posts = [stored_post(message_id="1")]
    original, copied = (old_site.add_page(slug, posts) for slug in ("one", "two"))
    old_site.add_draft(copied, [*posts, stored_post(text="Not out yet")])
    old_site.upgrade()
    before = describe(copied)
    BlogPage.objects.get(pk=original.pk).delete()
    old_site.downgrade()
    old_site.upgrade()
    assert describe(copied) == before


@pytest.mark.parametrize("change", [{"content": "Now"}, {"show": True}])
def test_a_draft_that_was_changed_is_not_made_twice(page, old_site, change):
    old_site.upgrade()
    blog = upgraded(page)
    draft = blog.live_channel.posts.with_status(PostStatus.DRAFT).get()
    blog.update_live_post(draft, **change)
    before = blog.live_channel.posts.count()
    for _ in range(ROUNDS):
        old_site.downgrade()
        old_site.upgrade()
    posts = upgraded(page).live_channel.posts
    assert posts.count() == before
    post = posts.get(pk=draft.pk)
    if "content" in change:
        assert (post.text, post.status) == ("Now", PostStatus.HIDDEN)
    else:
        assert (post.text, post.status) == ("Not out yet", PostStatus.PUBLISHED)


def test_posts_without_ids_are_not_made_twice(old_site):
    posts = [
        {**stored_post(minutes, f"Minute {minutes}"), "id": None} for minutes in (2, 1)
    ]
    page = old_site.add_page("no-ids", posts)
    old_site.add_draft(page, posts)
    for _ in range(ROUNDS):
        old_site.upgrade()
        assert texts(upgraded(page)) == ["Minute 2", "Minute 1"]
        assert upgraded(page).live_channel.posts.count() == 2
        old_site.downgrade()


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


def test_a_block_that_the_site_had_added_is_kept(old_site, settings):
    settings.WAGTAIL_LIVE_POST_BLOCK = f"{__name__}.ScorePostBlock"
    odd = {"type": "score", "id": str(uuid.uuid4()), "value": "2:1"}
    page = old_site.add_page("score", [stored_post(), odd])
    old_site.upgrade()
    assert [post.content[0].value for post in upgraded(page).live_posts][1] == "2:1"
