"""Tests that tests/contrib/test_sharing.py runs in a process with other settings: posts are
copied to other pages, and shared with them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from tests.admin.desk.requests import form_data, url, user_who_may
from wagtail_live import posts
from wagtail_live.background import threads
from wagtail_live.contrib.sharing.copying import Exposed, Refused, copy, share
from wagtail_live.contrib.sharing.following import follow_due
from wagtail_live.contrib.sharing.models import Ending, SharedPost
from wagtail_live.cursors import now
from wagtail_live.models import LivePost
from wagtail_live.origins import find_origins, get_site_ids
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(post, country):
    return share(post, country.live_channel, actor=SYSTEM)


def catch_up():
    """Do what housekeeping does, as often as there is something to do."""
    while follow_due(now()):
        pass


def reread(post):
    return LivePost.objects.filter(pk=post.pk).first()


def edit(post, **values):
    posts.edit(post.channel, post, actor=SYSTEM, **values)
    catch_up()


def restrict(page):
    return PageViewRestriction.objects.create(
        page=Page.objects.get(pk=page.pk), restriction_type="login"
    )


def ending_of(shared):
    return SharedPost.objects.get(post_id=shared.pk).ended


def test_a_copy_is_independent(post, country, reporter):
    made = copy(post, country.live_channel, actor=reporter, message_id="one")
    assert made.channel == country.live_channel
    assert (made.title, made.text, made.byline) == ("Tree", "A tree fell", "Rosa")
    assert made.author == reporter
    again = copy(post, country.live_channel, actor=reporter, message_id="one")
    assert again == made
    edit(post, content="<p>Two trees fell</p>")
    assert reread(made).text == "A tree fell"
    assert "From:" not in Client().get(country.url).content.decode()
    second = copy(post, country.live_channel, actor=reporter, message_id="two")
    assert second != made
    assert second.text == "Two trees fell"


def test_a_share_follows_edits_hiding_showing_and_deletion(post, shared, country):
    before = country.live_channel.last_updated_at
    edit(
        post,
        content="<p>Two trees fell</p>",
        title="Trees",
        author_name="Rosa and Ben",
        is_key_event=True,
        correction="It was two.",
    )
    made = reread(shared)
    assert (made.title, made.text, made.byline) == (
        "Trees",
        "Two trees fell",
        "Rosa and Ben",
    )
    assert made.is_key_event
    assert made.correction == "It was two."
    assert country.live_channel.last_updated_at > before
    posts.hide(post.channel, post, actor=SYSTEM)
    catch_up()
    assert not reread(shared).show
    posts.show(post.channel, post, actor=SYSTEM)
    catch_up()
    assert reread(shared).show
    posts.delete(post.channel, post, actor=SYSTEM)
    catch_up()
    assert reread(shared) is None
    tombstone = country.live_channel.tombstones.get()
    assert tombstone.was_published


def test_a_deletion_that_is_undone_brings_the_share_back(post, shared, country):
    snapshot = posts.delete(post.channel, post, actor=SYSTEM)
    catch_up()
    assert reread(shared) is None
    posts.restore(post.channel, snapshot, actor=SYSTEM)
    catch_up()
    made = country.live_channel.posts.get()
    assert made.text == "A tree fell"
    edit(reread(post), content="<p>It stands again</p>")
    assert reread(made).text == "It stands again"


def test_the_share_has_the_time_of_the_original(post, shared):
    assert shared.created == post.created


def test_a_share_moves_with_its_original(post, shared):
    earlier = post.created - timedelta(hours=2)
    edit(post, created=earlier)
    made = reread(shared)
    assert made.created == earlier
    ours = earlier - timedelta(hours=1)
    edit(made, created=ours)
    edit(post, content="<p>Two trees fell</p>")
    assert (reread(made).created, reread(made).text) == (ours, "Two trees fell")
    assert made.updated_at > shared.updated_at


def test_what_no_edit_changed_is_no_update(post, shared, country):
    before = country.live_channel.last_updated_at
    posts.pin(post.channel, post, actor=SYSTEM)
    edit(post, content="<p>A tree fell</p>")
    assert country.live_channel.last_updated_at == before


def test_drafts_are_not_carried(north, country):
    draft = posts.publish(north.live_channel, "<p>?</p>", show=False, actor=SYSTEM)
    for make in (copy, share):
        with pytest.raises(Refused, match="Only published posts"):
            make(draft, country.live_channel, actor=SYSTEM)
    assert not country.live_channel.posts.exists()


def test_a_post_never_comes_back(post, shared, north, country, third):
    with pytest.raises(Refused, match="comes from this page"):
        share(shared, north.live_channel, actor=SYSTEM)
    with pytest.raises(Refused, match="comes from this page"):
        share(shared, country.live_channel, actor=SYSTEM)
    assert share(post, country.live_channel, actor=SYSTEM) == shared
    far = share(shared, third.live_channel, actor=SYSTEM)
    assert SharedPost.objects.get(post_id=far.pk).original_id == post.pk
    edit(post, content="<p>All gone</p>")
    assert (reread(shared).text, reread(far).text) == ("All gone", "All gone")
    edit(reread(shared), content="<p>Not here</p>")
    assert ending_of(shared) == Ending.EDITED
    edit(post, content="<p>Back</p>")
    assert (reread(shared).text, reread(far).text) == ("Not here", "Back")


def test_an_edit_here_ends_the_link(client, reporter, post, shared, country):
    client.force_login(reporter)
    desk = client.get(url("index", country)).content.decode()
    assert "This post follows its original on <a" in desk
    assert "If you edit, hide or delete it here, it no longer does." in desk
    data = form_data("<p>Ours now</p>", reread(shared))
    data["action"] = "save"
    assert client.post(url("save", country, shared.pk), data).status_code == 200
    assert ending_of(shared) == Ending.EDITED
    edit(post, content="<p>Two trees fell</p>")
    assert reread(shared).text == "Ours now"
    desk = client.get(url("index", country)).content.decode()
    assert "This post follows" not in desk


def test_hiding_here_ends_the_link(post, shared):
    posts.hide(shared.channel, reread(shared), actor=SYSTEM)
    catch_up()
    assert ending_of(shared) == Ending.HIDDEN
    edit(post, content="<p>Two trees fell</p>")
    made = reread(shared)
    assert not made.show
    assert made.text == "A tree fell"


def test_deleting_here_ends_the_link_until_it_is_undone(post, shared):
    snapshot = posts.delete(shared.channel, shared, actor=SYSTEM)
    edit(post, content="<p>Two trees fell</p>")
    assert reread(shared) is None
    posts.restore(shared.channel, snapshot, actor=SYSTEM)
    catch_up()
    assert reread(shared).text == "Two trees fell"
    assert ending_of(shared) == ""


def test_pinning_here_keeps_the_link(post, shared, country):
    posts.pin(country.live_channel, shared, actor=SYSTEM)
    edit(post, content="<p>Two trees fell</p>")
    assert reread(shared).text == "Two trees fell"
    assert country.live_channel.pinned_post_id == shared.pk


def test_who_may_only_write_there_submits(post, country, writer_of_both, reporter):
    made = share(post, country.live_channel, actor=writer_of_both)
    assert (made.status, made.byline, made.author) == ("submitted", "Rosa", reporter)
    edit(post, content="<p>Two trees fell</p>")
    assert reread(made).text == "Two trees fell"
    assert reread(made).status == "submitted"
    posts.show(made.channel, reread(made), actor=SYSTEM)
    edit(post, content="<p>Three trees fell</p>")
    assert reread(made).text == "Three trees fell"


def test_a_submitted_share_of_a_hidden_post_is_not_published(
    post, country, writer_of_both
):
    made = share(post, country.live_channel, actor=writer_of_both)
    posts.hide(post.channel, post, actor=SYSTEM)
    catch_up()
    posts.show(made.channel, reread(made), actor=SYSTEM)
    catch_up()
    assert not reread(made).show


@pytest.mark.parametrize("make", [copy, share])
def test_rights(make, post, north, country):
    reader_only = user_who_may(country, "change_page", "publish_page", name="there")
    with pytest.raises(PermissionDenied):
        make(post, country.live_channel, actor=reader_only)
    writer_only = user_who_may(north, "change_page", "publish_page", name="here")
    with pytest.raises(PermissionDenied):
        make(post, country.live_channel, actor=writer_only)
    assert not country.live_channel.posts.exists()


@pytest.mark.parametrize("make", [copy, share])
def test_a_locked_page_gets_nothing(make, post, country, reporter):
    type(country).objects.filter(pk=country.pk).update(locked=True)
    with pytest.raises(PermissionDenied):
        make(post, country.live_channel, actor=reporter)


@pytest.mark.parametrize("make", [copy, share])
@pytest.mark.parametrize("change", [restrict, lambda page: page.unpublish()])
def test_a_private_post_needs_both_rights_and_a_confirmation(
    make, change, post, north, country, reporter, writer_of_both
):
    change(north)
    post = LivePost.objects.get(pk=post.pk)
    for actor, may_confirm in ((reporter, True), (writer_of_both, False)):
        with pytest.raises(Exposed) as refused:
            make(post, country.live_channel, actor=actor)
        assert refused.value.may_confirm is may_confirm
    with pytest.raises(Exposed):
        make(post, country.live_channel, actor=writer_of_both, is_confirmed=True)
    assert not country.live_channel.posts.exists()
    made = make(post, country.live_channel, actor=reporter, is_confirmed=True)
    assert made.show
    html = Client().get(country.url).content.decode()
    assert "A tree fell" in html
    assert "Storm in the north" not in html


def test_pages_below_the_same_restriction_share_freely(post, country, home_page):
    restrict(home_page)
    share(LivePost.objects.get(pk=post.pk), country.live_channel, actor=SYSTEM)


def test_nothing_leaks_after_a_page_became_private(post, shared, north):
    restrict(north)
    posts.edit(post.channel, post, content="<p>Secret</p>", actor=SYSTEM)
    catch_up()
    made = reread(shared)
    assert not made.show
    assert made.text == "A tree fell"
    assert ending_of(shared) == Ending.PRIVATE
    edit(post, content="<p>More secrets</p>")
    assert reread(shared).text == "A tree fell"


def test_a_page_that_moves_below_a_restriction_is_private(
    post, shared, north, home_page
):
    closed = home_page.add_child(instance=Page(title="Closed", slug="closed"))
    restrict(closed)
    north.refresh_from_db()
    north.move(closed, pos="last-child")
    catch_up()
    assert not reread(shared).show


def test_a_confirmed_share_of_a_private_page_follows(post, north, country, reporter):
    restrict(north)
    post = LivePost.objects.get(pk=post.pk)
    made = share(post, country.live_channel, actor=reporter, is_confirmed=True)
    edit(post, content="<p>Two trees fell</p>")
    assert reread(made).text == "Two trees fell"


def test_a_page_that_opens_shows_nothing_unconfirmed(post, north, country, reporter):
    """Both pages are private, and one of them is opened."""
    restrict(north)
    other = restrict(north.get_parent())
    made = share(
        LivePost.objects.get(pk=post.pk),
        country.live_channel,
        actor=reporter,
        is_confirmed=True,
    )
    SharedPost.objects.update(is_confirmed=False)
    other.delete()
    catch_up()
    assert not reread(made).show


def test_an_unpublished_page_pauses_the_link(post, shared, north, country):
    assert f'href="{north.url}?post={post.pk}"' in (
        Client().get(country.url).content.decode()
    )
    north.unpublish()
    edit(LivePost.objects.get(pk=post.pk), content="<p>Not yet</p>")
    made = reread(shared)
    assert (made.text, made.show) == ("A tree fell", True)
    assert "Storm in the north" not in Client().get(country.url).content.decode()
    north.save_revision().publish()
    catch_up()
    assert reread(shared).text == "Not yet"
    posts.hide(post.channel, LivePost.objects.get(pk=post.pk), actor=SYSTEM)
    catch_up()
    assert not reread(shared).show


def test_a_page_that_is_deleted_leaves_the_post(post, shared, north, country):
    north.delete()
    catch_up()
    made = reread(shared)
    assert (made.text, made.show) == ("A tree fell", True)
    html = Client().get(country.url).content.decode()
    assert "A tree fell" in html
    assert "Storm in the north" not in html


def test_readers_see_where_it_comes_from(post, shared, country, north):
    html = Client().get(country.url).content.decode()
    assert "From:" in html
    assert ">Storm in the north</a>" in html
    [update] = country.get_updates_since(post.created - timedelta(hours=1))[0].values()
    assert ">Storm in the north</a>" in update["content"]
    assert "From:" not in Client().get(north.url).content.decode()
    feed = f"/wagtail_live/feed/{country.channel_id}/json/"
    assert "Storm in the north" in Client().get(feed).json()["items"][0]["content_html"]


def test_the_chain_of_a_share_names_the_original(post, shared):
    [site] = get_site_ids()
    assert find_origins(shared.pk) == [
        {"site": site, "post": str(post.pk)},
        {"site": site, "post": str(shared.pk)},
    ]


@pytest.mark.django_db(transaction=True)
def test_it_follows_at_once(post, shared):
    posts.edit(post.channel, post, content="<p>Two trees fell</p>", actor=SYSTEM)
    assert threads.wait(20)
    assert reread(shared).text == "Two trees fell"
    assert not SharedPost.objects.filter(due_at__isnull=False).exists()
