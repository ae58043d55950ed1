"""The live desk, as its requests find it; tests/browser/test_desk.py shows the whole."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template import RequestContext, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
)
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.testapp.models import MatchPage
from wagtail_live import coverage, posts
from wagtail_live.cursors import to_timestamp
from wagtail_live.models import LivePost, PostStatus

pytestmark = pytest.mark.django_db

WRITES = ["save", "hide", "show", "publish", "pin", "key", "delete"]


def url(name, page, *args):
    return reverse(f"wagtail_live:{name}", args=[page.pk, *args])


def url_of_post(name, post, *args):
    return reverse(f"wagtail_live:{name}", args=[post.pk, *args])


def form_data(text="<p>Goal!</p>", post=None, action="publish", **fields):
    """What the browser sends; the fields of a post's own form begin with its id."""
    content = streamfield([("text", rich_text(text))] if text else [])
    data = nested_form_data(
        {"content": content, "title": "", "author_name": "", **fields}
    )
    if post:
        data = {f"post-{post.pk}-{name}": value for name, value in data.items()}
        data["expected"] = repr(to_timestamp(post.updated_at))
    return {**data, "action": action}


def user_who_may(page, *codenames, name="editor"):
    """A user who may sign in to the admin and has these rights on one page."""
    user = get_user_model().objects.create_user(name, password="password")
    group = Group.objects.create(name=name)
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in codenames:
        permission = Permission.objects.get(codename=codename)
        GroupPagePermission.objects.create(
            group=group, page=page, permission=permission
        )
    user.groups.add(group)
    return user


@pytest.fixture
def publisher(match_page, client):
    user = user_who_may(match_page, "change_page", "publish_page")
    client.force_login(user)
    return user


@pytest.fixture
def drafter(match_page, client):
    """Somebody who may edit the page, and not publish it."""
    user = user_who_may(match_page, "change_page", name="drafter")
    client.force_login(user)
    return user


@pytest.fixture
def other_page(home_page):
    return home_page.add_child(instance=MatchPage(title="Other", slug="other"))


def the_post():
    return LivePost.objects.get()


# Writing


def test_a_post_is_published(client, publisher, match_page):
    response = client.post(url("add", match_page), form_data("<p>Kick-off</p>"))
    assert response.status_code == 200
    post = match_page.live_posts.get()
    assert post.text == "Kick-off"
    assert post.author == publisher
    assert "Kick-off" in response.json()["post"]["html"]


@pytest.mark.parametrize(
    ("action", "status"),
    [("draft", PostStatus.DRAFT), ("submit", PostStatus.SUBMITTED)],
)
def test_a_post_can_be_kept_from_readers(client, drafter, match_page, action, status):
    client.post(url("add", match_page), form_data(action=action))
    assert the_post().status == status
    assert "Goal!" not in client.get(match_page.url).content.decode()


def test_a_post_is_scheduled(client, publisher, match_page):
    tomorrow = timezone.now() + timedelta(days=1)
    data = form_data(action="schedule", go_live_at=tomorrow.strftime("%Y-%m-%dT%H:%M"))
    client.post(url("add", match_page), data)
    assert the_post().status == PostStatus.SCHEDULED
    assert abs(the_post().go_live_at - tomorrow) < timedelta(minutes=2)


@pytest.mark.parametrize("moment", ["", "2020-01-01T12:00"])
def test_a_post_is_scheduled_only_for_later(client, publisher, match_page, moment):
    data = form_data(action="schedule", go_live_at=moment)
    response = client.post(url("add", match_page), data)
    assert response.status_code == 422
    assert "Choose a time in the future" in response.json()["html"]
    assert not LivePost.objects.exists()


def test_what_is_sent_twice_is_one_post(client, publisher, match_page):
    data = {**form_data("<p>Gaol!</p>"), "message_id": "abc"}
    client.post(url("add", match_page), data)
    again = {**form_data("<p>Goal!</p>"), "message_id": "abc"}
    assert client.post(url("add", match_page), again).status_code == 200
    assert the_post().text == "Goal!"


def test_a_post_that_was_sent_and_deleted_stays_deleted(client, publisher, match_page):
    data = {**form_data(), "message_id": "abc"}
    client.post(url("add", match_page), data)
    client.post(url("delete", match_page, the_post().pk))
    assert client.post(url("add", match_page), data).status_code == 410
    assert not LivePost.objects.exists()


def test_a_post_can_be_pinned_when_published(client, publisher, match_page):
    client.post(url("add", match_page), form_data(pin="on"))
    assert match_page.live_channel.pinned_post == the_post()


def test_an_invalid_form_keeps_the_text_and_says_what_is_wrong(
    client, publisher, match_page
):
    data = form_data("<p>Kick-off</p>", title="Half-time" * 40)
    response = client.post(url("add", match_page), data)
    form = response.json()["html"]
    assert response.status_code == 422
    assert "Kick-off" in form
    assert "at most 255 characters" in form
    assert not LivePost.objects.exists()


@pytest.mark.parametrize("text", ["", "<p></p>"])
def test_an_empty_post_is_refused(client, publisher, match_page, text):
    response = client.post(url("add", match_page), form_data(text))
    assert response.status_code == 422
    assert not LivePost.objects.exists()


def test_a_preview_shows_the_post_and_saves_nothing(client, publisher, match_page):
    response = client.post(url("preview_new", match_page), form_data("<p>Soon</p>"))
    assert "Soon" in response.json()["preview"]
    assert not LivePost.objects.exists()


def test_a_form_is_filled_again_with_what_the_browser_kept(
    client, publisher, match_page
):
    kept = form_data("<p>Half a sent</p>", title="Half-time")
    form = client.post(url("new_form", match_page), kept).json()["html"]
    assert "Half a sent" in form
    assert 'value="Half-time"' in form


# Pasting


def test_an_image_is_added_by_those_who_may_add_images(client, publisher, match_page):
    def paste():
        picture = get_test_image_file().file.getvalue()
        file = SimpleUploadedFile("ball.png", picture)
        return client.post(url("image", match_page), {"file": file})

    assert paste().status_code == 403
    GroupCollectionPermission.objects.create(
        group=publisher.groups.get(),
        collection=Collection.get_first_root_node(),
        permission=Permission.objects.get(codename="add_image"),
    )
    value = paste().json()["value"]
    image = get_image_model().objects.get(pk=value["image"]["id"])
    assert image.uploaded_by_user == publisher


def test_what_is_no_image_is_refused(admin_client, match_page):
    file = SimpleUploadedFile("ball.png", b"<script>")
    response = admin_client.post(url("image", match_page), {"file": file})
    assert response.status_code == 422
    assert not get_image_model().objects.exists()


def test_the_site_knows_what_it_can_embed(client, publisher, match_page):
    def is_known(address):
        answer = client.get(url("embed", match_page), {"url": address})
        return answer.json()["is_known"]

    assert is_known("https://www.youtube.com/watch?v=aqz-KE-bpKQ")
    assert not is_known("https://example.com/")


# Changing


def test_a_post_is_edited(client, publisher, match_page):
    post = match_page.add_live_post("<p>Gaol!</p>")
    before = match_page.last_updated_at
    assert "Gaol!" in client.get(url("form", match_page, post.pk)).json()["html"]
    data = form_data("<p>Goal!</p>", post, "save")
    assert client.post(url("save", match_page, post.pk), data).status_code == 200
    post.refresh_from_db()
    assert post.text == "Goal!"
    assert post.modified == match_page.last_updated_at > before


def test_a_changed_post_is_not_overwritten(client, publisher, match_page):
    post = match_page.add_live_post("<p>Gaol!</p>")
    data = form_data("<p>My goal!</p>", post, "save")
    match_page.update_live_post(post, content="<p>Their goal!</p>")
    response = client.post(url("save", match_page, post.pk), data)
    assert response.status_code == 409
    assert "My goal!" in response.json()["conflict"]
    assert "Their goal!" in response.json()["conflict"]
    assert the_post().text == "Their goal!"
    data["expected"] = response.json()["version"]
    assert client.post(url("save", match_page, post.pk), data).status_code == 200
    assert the_post().text == "My goal!"


def test_a_post_is_hidden_and_shown(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    assert client.post(url("hide", match_page, post.pk)).status_code == 200
    assert "Goal!" not in client.get(match_page.url).content.decode()
    client.post(url("show", match_page, post.pk))
    assert "Goal!" in client.get(match_page.url).content.decode()


def test_a_post_is_pinned_and_unpinned(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    client.post(url("pin", match_page, post.pk))
    assert match_page.live_channel.pinned_post == post
    client.post(url("unpin", match_page, post.pk))
    assert match_page.live_channel.pinned_post is None


def test_a_post_becomes_a_key_event(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    client.post(url("key", match_page, post.pk))
    assert the_post().is_key_event
    client.post(url("unkey", match_page, post.pk))
    assert not the_post().is_key_event


def test_a_deleted_post_is_brought_back(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    undo = client.post(url("delete", match_page, post.pk)).json()["undo"]
    assert not LivePost.objects.exists()
    client.post(url("undo", match_page), {"undo": undo})
    assert the_post().pk == post.pk
    assert the_post().text == "Goal!"


def test_a_deletion_is_undone_only_where_it_was_done(
    client, publisher, match_page, other_page
):
    post = match_page.add_live_post("<p>Goal!</p>")
    undo = client.post(url("delete", match_page, post.pk)).json()["undo"]
    client.force_login(get_user_model().objects.create_superuser("root"))
    assert client.post(url("undo", other_page), {"undo": undo}).status_code == 400
    assert not LivePost.objects.exists()


def test_only_a_post_request_changes_anything(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    for name in WRITES:
        assert client.get(url(name, match_page, post.pk)).status_code == 405
    assert the_post().show


def test_another_site_changes_nothing(publisher, match_page):
    client = Client(enforce_csrf_checks=True)
    client.force_login(publisher)
    post = match_page.add_live_post("<p>Goal!</p>")
    for name in WRITES:
        assert client.post(url(name, match_page, post.pk)).status_code == 403
    for name in ("add", "undo", "state", "summary", "leave"):
        assert client.post(url(name, match_page)).status_code == 403


@pytest.mark.parametrize("name", ["form", *WRITES])
def test_a_post_deleted_meanwhile_is_said_to_be(client, publisher, match_page, name):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.delete_live_post(post)
    response = client.post(url(name, match_page, post.pk), form_data(post=post))
    assert response.status_code == 410
    assert "deleted in the meantime" in response.json()["error"]
    assert not LivePost.objects.exists()


# The timeline


def listed(client, page, **query):
    """The ids of the posts that the desk lists, in its order."""
    html = client.get(url("posts", page), query).json()["html"]
    return [part.split('"')[0] for part in html.split('data-post="')[1:]]


def test_the_desk_shows_all_posts_newest_first(client, publisher, match_page):
    match_page.add_live_post("<p>First</p>")
    match_page.add_live_post("<p>Second</p>", show=False)
    page = client.get(url("index", match_page)).content.decode()
    assert page.index("Second") < page.index("First")
    assert "Draft" in page


def test_the_desk_asks_as_much_for_two_posts_as_for_thirty(
    client, publisher, match_page
):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())

    def count_queries(*args):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(*args).status_code == 200
        return len(queries)

    match_page.add_live_post([("image", image)])
    match_page.add_live_post([("image", image)])
    count_queries(url("index", match_page))  # fills caches
    few = count_queries(url("index", match_page))
    for _ in range(28):
        match_page.add_live_post([("image", image)])
    assert count_queries(url("index", match_page)) == few


def test_older_posts_follow_where_the_page_ended(client, publisher, match_page):
    ids = [str(match_page.add_live_post(f"<p>{n}</p>").pk) for n in range(35)]
    first = client.get(url("posts", match_page)).json()
    match_page.add_live_post("<p>Meanwhile</p>")
    assert listed(client, match_page, before=first["older"]) == ids[4::-1]


def test_posts_are_filtered(client, publisher, match_page):
    channel = match_page.live_channel
    draft = posts.publish(channel, "<p>Draft</p>", show=False)
    waiting = posts.publish(channel, "<p>Check</p>", show=False, submitted=True)
    slack = posts.publish(channel, "<p>Slack</p>", source="slack", message_id="1")
    goal = posts.publish(channel, "<p>Goal</p>", is_key_event=True, author=publisher)
    for query, post in [
        ({"status": "draft"}, draft),
        ({"status": "submitted"}, waiting),
        ({"source": "slack"}, slack),
        ({"key_events": "on"}, goal),
        ({"author": publisher.pk}, goal),
        ({"post": slack.pk}, slack),
    ]:
        assert listed(client, match_page, **query) == [str(post.pk)], query
    assert len(listed(client, match_page, status="no such state")) == 4


@pytest.mark.every_database
@pytest.mark.django_db(transaction=True)
def test_posts_are_found_by_what_they_say(client, publisher, match_page, other_page):
    post = match_page.add_live_post("<p>Überraschung im Strafraum</p>")
    draft = posts.publish(
        match_page.live_channel,
        "<p>The <b>goal</b>keeper</p>",
        show=False,
        title="Save",
    )
    other_page.add_live_post("<p>Strafraum</p>")
    assert listed(client, match_page, q="strafr") == [str(post.pk)]
    assert listed(client, match_page, q="save goalkeeper") == [str(draft.pk)]
    assert listed(client, match_page, q="strafraum", status="draft") == []
    match_page.update_live_post(post, content="<p>Penalty</p>")
    assert listed(client, match_page, q="strafraum") == []
    assert listed(client, match_page, q="penalty") == [str(post.pk)]
    match_page.delete_live_post(post)
    assert listed(client, match_page, q="penalty") == []


def test_the_changes_are_what_came_after_a_cursor(client, publisher, match_page):
    old = match_page.add_live_post("<p>Old</p>")
    gone = match_page.add_live_post("<p>Gone</p>")
    since = repr(match_page.last_update_timestamp)
    draft = match_page.add_live_post("<p>Draft</p>", show=False)
    match_page.delete_live_post(gone)
    answer = client.get(url("changes", match_page), {"since": since}).json()
    assert [post["id"] for post in answer["posts"]] == [str(draft.pk)]
    assert answer["removals"] == [str(gone.pk)]
    assert answer["cursor"] == match_page.last_update_timestamp
    assert str(old.pk) not in str(answer)
    rest = client.get(url("changes", match_page), {"since": repr(answer["cursor"])})
    assert "posts" not in rest.json()


def test_changes_say_what_the_filters_list(client, publisher, match_page):
    since = repr(match_page.last_update_timestamp)
    match_page.add_live_post("<p>Shown</p>")
    draft = match_page.add_live_post("<p>Draft</p>", show=False)
    query = {"since": since, "status": "draft"}
    answer = client.get(url("changes", match_page), query).json()
    listed = [post["id"] for post in answer["posts"] if post["listed"]]
    assert listed == [str(draft.pk)]


def test_changes_without_a_cursor_are_refused(client, publisher, match_page):
    assert client.get(url("changes", match_page)).status_code == 400


# Several people


def test_others_are_told_who_edits_what(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    query = {"since": "0", "editing": str(post.pk)}
    assert client.get(url("changes", match_page), query).json()["people"] == []
    other = Client()
    other.force_login(user_who_may(match_page, "change_page", name="other"))
    people = other.get(url("changes", match_page), {"since": "0"}).json()["people"]
    assert people == [{"name": "editor", "post": str(post.pk)}]
    client.post(url("leave", match_page))
    people = other.get(url("changes", match_page), {"since": "0"}).json()["people"]
    assert people == []


# History


def test_the_history_tells_who_has_changed_what(client, publisher, match_page):
    channel = match_page.live_channel
    post = posts.publish(channel, "<p>Gaol!</p>", user=publisher)
    posts.edit(channel, post, content="<p>Goal!</p>", user=publisher)
    history = client.get(url_of_post("history", post)).content.decode()
    assert "editor" in history
    older, newer = post.revisions.order_by("created_at", "pk").values_list(
        "pk", flat=True
    )
    compare = url_of_post("compare", post, older, newer)
    assert compare in history
    page = client.get(compare).content.decode()
    assert 'child-object deletion">Gaol!' in page
    assert 'child-object addition">Goal!' in page


def test_an_earlier_version_is_restored(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.update_live_post(post, content="<p>Gaol!</p>")
    earlier = post.revisions.order_by("created_at", "pk").first()
    path = url_of_post("revert", post, earlier.pk)
    assert "Goal!" in client.get(path).content.decode()
    client.post(path)
    assert the_post().text == "Goal!"


def test_the_history_is_for_those_who_may_write(
    client, publisher, match_page, other_page
):
    post = other_page.add_live_post("<p>Secret</p>")
    revision = post.revisions.get().pk
    for path in (
        url_of_post("history", post),
        url_of_post("compare", post, revision, revision),
        url_of_post("revert", post, revision),
    ):
        response = client.get(path)
        assert response.status_code == 403
        assert "Secret" not in response.content.decode()
    assert client.post(url_of_post("revert", post, revision)).status_code == 403


# State and key points


def test_the_coverage_is_started_and_ended(client, publisher, match_page):
    for state in ("live", "paused", "ended", "live"):
        client.post(url("state", match_page), {"state": state})
        assert match_page.live_channel.state == state


def test_key_points_are_not_overwritten(client, publisher, match_page):
    coverage.summarise(match_page.live_channel, "<p>Theirs</p>")
    data = {"key-points-summary": rich_text("<p>Mine</p>"), "expected": ""}
    response = client.post(url("summary", match_page), data)
    assert response.status_code == 409
    assert "Theirs" in response.json()["conflict"]
    data["expected"] = response.json()["version"]
    assert client.post(url("summary", match_page), data).status_code == 200
    assert "Mine" in match_page.live_channel.summary


# Rights


def test_who_may_not_write_the_page_has_no_desk(client, match_page):
    client.force_login(user_who_may(match_page))
    for name in ("index", "posts", "changes", "new_form"):
        assert client.get(url(name, match_page)).status_code == 403


def test_rights_on_one_page_are_none_on_another(
    client, publisher, match_page, other_page
):
    post = other_page.add_live_post("<p>Secret</p>")
    for name in ("index", "posts", "changes", "new_form", "summary"):
        response = client.get(url(name, other_page))
        assert response.status_code == 403
        assert "Secret" not in response.content.decode()
    for name in WRITES:
        response = client.post(url(name, other_page, post.pk), form_data(post=post))
        assert response.status_code == 403
    for name in ("add", "undo", "state", "summary"):
        assert client.post(url(name, other_page), form_data()).status_code == 403
    assert (the_post().text, the_post().show) == ("Secret", True)


@pytest.mark.parametrize("name", ["form", *WRITES])
def test_no_way_leads_to_a_post_of_another_page(
    client, publisher, match_page, other_page, name
):
    post = other_page.add_live_post("<p>Secret</p>")
    response = client.post(url(name, match_page, post.pk), form_data(post=post))
    assert response.status_code == 410
    assert "Secret" not in response.content.decode()
    assert (the_post().text, the_post().show) == ("Secret", True)


def test_who_may_only_edit_the_page_changes_nothing_that_readers_see(
    client, drafter, match_page
):
    post = match_page.add_live_post("<p>Goal!</p>")
    for name in ["form", *WRITES]:
        response = client.post(url(name, match_page, post.pk), form_data(post=post))
        assert response.status_code == 403, name
    for action in ("publish", "schedule", "save", ""):
        data = form_data(action=action)
        assert client.post(url("add", match_page), data).status_code == 403, action
    assert client.post(url("state", match_page), {"state": "ended"}).status_code == 403
    assert client.get(url("summary", match_page)).status_code == 403
    post.refresh_from_db()
    assert (the_post().text, the_post().show) == ("Goal!", True)


def test_who_may_only_edit_the_page_edits_and_submits_drafts(
    client, drafter, match_page
):
    post = match_page.add_live_post("<p>Gaol!</p>", show=False)
    data = form_data("<p>Goal!</p>", post, "save")
    assert client.post(url("save", match_page, post.pk), data).status_code == 200
    data = form_data("<p>Goal!</p>", the_post(), "publish")
    assert client.post(url("save", match_page, post.pk), data).status_code == 403
    client.post(url("submit", match_page, post.pk))
    assert the_post().status == PostStatus.SUBMITTED
    assert the_post().text == "Goal!"


def test_a_locked_page_is_read_only(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.locked = True
    match_page.save()
    page = client.get(url("index", match_page)).content.decode()
    assert "Goal!" in page
    assert "locked" in page
    assert "live-post-form" not in page
    assert "data-act=" not in page
    assert client.post(url("add", match_page), form_data()).status_code == 403
    for name in ["form", *WRITES]:
        response = client.post(url(name, match_page, post.pk), form_data(post=post))
        assert response.status_code == 403
    assert (the_post().text, the_post().show) == ("Goal!", True)


def test_a_stranger_is_asked_to_sign_in(client, match_page):
    response = client.get(url("index", match_page))
    assert response.status_code == 302
    assert response.url.startswith(reverse("wagtailadmin_login"))


def test_a_page_that_is_not_live_has_no_desk(admin_client, home_page):
    assert admin_client.get(url("index", home_page)).status_code == 404


def test_the_desk_of_an_alias_is_its_sources(admin_client, match_page):
    alias = match_page.create_alias(update_slug="alias")
    admin_client.post(url("add", alias), form_data("<p>Goal!</p>"))
    assert match_page.live_posts.get().text == "Goal!"


# Ways to the desk


def test_the_page_editor_leads_to_the_desk(client, publisher, match_page):
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[match_page.pk]))
    assert url("index", match_page) in editor.content.decode()


def test_the_page_editor_tells_of_the_live_blog(client, publisher, match_page):
    match_page.add_live_post("<p>Goal!</p>")
    match_page.add_live_post("<p>Draft</p>", show=False)
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[match_page.pk]))
    page = editor.content.decode()
    panel = page[page.index("Live blog") :]
    assert "1 post" in panel
    assert url("index", match_page) in panel
    assert "Goal!" not in page


def test_the_explorer_leads_to_the_desk(admin_client, match_page, home_page):
    explorer = admin_client.get(reverse("wagtailadmin_explore", args=[home_page.pk]))
    page = explorer.content.decode()
    assert url("index", match_page) in page
    assert url("index", home_page) not in page


def test_the_userbar_leads_to_the_desk(client, publisher, match_page, other_page, rf):
    def show_userbar(page):
        request = rf.get(page.url)
        request.user = publisher
        template = Template("{% load wagtailuserbar %}{% wagtailuserbar %}")
        return template.render(RequestContext(request, {"page": page, "self": page}))

    assert url("index", match_page) in show_userbar(match_page)
    assert url("index", other_page) not in show_userbar(other_page)


def test_the_menu_leads_to_the_pages_that_one_may_write(
    client, publisher, match_page, other_page
):
    match_page.add_live_post("<p>Goal!</p>")
    live = reverse("wagtail_live:live")
    assert live in client.get(reverse("wagtailadmin_home")).content.decode()
    page = client.get(live).content.decode()
    assert url("index", match_page) in page
    assert url("index", other_page) not in page
    assert "Live" in page


def test_the_list_of_live_pages_asks_as_much_for_one_as_for_ten(
    admin_client, match_page, home_page
):
    live = reverse("wagtail_live:live")

    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(live).status_code == 200
        return len(queries)

    match_page.add_live_post("<p>Goal!</p>")
    count_queries()  # fills caches
    one = count_queries()
    for number in range(9):
        page = home_page.add_child(instance=MatchPage(title=f"Match {number}"))
        page.add_live_post("<p>Goal!</p>")
    assert count_queries() == one


def test_who_writes_no_live_page_has_no_menu_item(client, match_page):
    client.force_login(user_who_may(match_page))
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("wagtail_live:live") not in home


def test_an_images_usage_leads_to_the_post(admin_client, match_page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = match_page.add_live_post([("image", image)])
    usage = admin_client.get(reverse("wagtailimages:image_usage", args=[image.pk]))
    path = url("edit", match_page, post.pk)
    assert path in usage.content.decode()
    desk = admin_client.get(path, follow=True).content.decode()
    assert f'data-post="{post.pk}"' in desk


def test_an_images_usage_leads_only_those_to_the_post_who_may_see_it(
    client, publisher, match_page, other_page
):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = other_page.add_live_post([("image", image)])
    GroupCollectionPermission.objects.create(
        group=publisher.groups.get(),
        collection=image.collection,
        permission=Permission.objects.get(codename="change_image"),
    )
    usage = client.get(reverse("wagtailimages:image_usage", args=[image.pk]))
    page = usage.content.decode()
    assert "(Private live post)" in page
    assert url("edit", other_page, post.pk) not in page
