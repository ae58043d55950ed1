"""Posts of 1.0 become rows, its posts again, and rows again, any number of times."""

import pytest
from django.utils.dateparse import parse_datetime

from tests.upgrade.blog import show, stored_post, texts, upgraded
from tests.upgrade.oldblog.models import BlogPage
from wagtail_live.models import LivePost, PostStatus

pytestmark = [
    pytest.mark.every_database,
    pytest.mark.every_version,
    pytest.mark.slow,
]

ROUNDS = 2


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


def test_a_deleted_post_does_not_come_back(page, old_site, sample):
    """The page's unpublished revision still has it."""
    posts = sample["live_posts"]
    old_site.add_draft(page, [*posts, *sample["draft"]])
    old_site.upgrade()
    blog = upgraded(page)
    blog.delete_live_post(blog.live_posts.first())
    blog.delete_live_post(blog.live_channel.posts.with_status(PostStatus.DRAFT).get())
    before = describe(page)
    old_site.downgrade()
    old_site.upgrade()
    assert describe(page) == before


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
