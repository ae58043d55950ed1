"""The views in the admin in which posts are written."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import GroupCollectionPermission, GroupPagePermission
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db


def url(name, page, *args):
    return reverse(f"wagtail_live:{name}", args=[page.pk, *args])


def form_data(text="<p>Goal!</p>", show=True, **fields):
    content = streamfield([("text", rich_text(text))] if text else [])
    data = {"content": content, "title": "", "author_name": "", **fields}
    return nested_form_data({**data, "show": "on"} if show else data)


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
def other_page(home_page):
    return home_page.add_child(instance=MatchPage(title="Other", slug="other"))


def test_a_post_is_published(client, publisher, match_page):
    response = client.post(url("add", match_page), form_data("<p>Kick-off</p>"))
    assert response.status_code == 302
    post = match_page.live_posts.get()
    assert "Kick-off" in post.text
    assert post.author == publisher


def test_a_post_is_edited_through_the_writer(client, publisher, match_page):
    post = match_page.add_live_post("<p>Gaol!</p>")
    before = match_page.last_updated_at
    assert "Gaol!" in client.get(url("edit", match_page, post.pk)).content.decode()
    client.post(url("edit", match_page, post.pk), form_data("<p>Goal!</p>"))
    post.refresh_from_db()
    assert post.text == "Goal!"
    assert post.modified == match_page.last_updated_at > before


def test_a_post_is_hidden_and_shown(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    assert client.post(url("hide", match_page, post.pk)).status_code == 302
    assert "Goal!" not in client.get(match_page.url).content.decode()
    client.post(url("show", match_page, post.pk))
    assert "Goal!" in client.get(match_page.url).content.decode()


def test_a_post_is_deleted_after_a_question(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    question = client.get(url("delete", match_page, post.pk)).content.decode()
    assert "Are you sure" in question
    assert "Goal!" in question
    client.post(url("delete", match_page, post.pk))
    assert not LivePost.objects.exists()


def test_only_a_post_request_changes_anything(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    assert client.get(url("hide", match_page, post.pk)).status_code == 405
    client.get(url("delete", match_page, post.pk))
    post.refresh_from_db()
    assert post.show


def test_another_site_changes_nothing(publisher, match_page):
    client = Client(enforce_csrf_checks=True)
    client.force_login(publisher)
    post = match_page.add_live_post("<p>Goal!</p>")
    for name in ("edit", "hide", "delete"):
        response = client.post(url(name, match_page, post.pk), form_data())
        assert response.status_code == 403


@pytest.mark.parametrize("name", ["edit", "hide", "show", "delete"])
def test_a_post_deleted_meanwhile_is_said_to_be(client, publisher, match_page, name):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.delete_live_post(post)
    path = url(name, match_page, post.pk)
    response = client.post(path, form_data("<p>Gaol!</p>"), follow=True)
    assert response.redirect_chain == [(url("index", match_page), 302)]
    assert "has been deleted in the meantime" in response.content.decode()
    assert not LivePost.objects.exists()


def test_a_post_deleted_while_it_is_saved_stays_deleted(
    client, publisher, match_page, monkeypatch
):
    post = match_page.add_live_post("<p>Goal!</p>")
    edit = posts.edit

    def edit_too_late(*args, **kwargs):
        posts.delete(match_page.live_channel, LivePost.objects.get(pk=post.pk))
        return edit(*args, **kwargs)

    monkeypatch.setattr(posts, "edit", edit_too_late)
    path = url("edit", match_page, post.pk)
    response = client.post(path, form_data("<p>Gaol!</p>"), follow=True)
    assert "has been deleted in the meantime" in response.content.decode()
    assert not LivePost.objects.exists()


def test_an_invalid_form_keeps_the_text_and_says_what_is_wrong(
    client, publisher, match_page
):
    data = form_data("<p>Kick-off</p>", title="Half-time" * 40)
    response = client.post(url("add", match_page), data)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Kick-off" in page
    assert "could not be created due to errors" in page
    assert "at most 255 characters" in page
    assert not LivePost.objects.exists()


def test_a_new_form_has_a_text_to_write_in(client, publisher, match_page):
    form = client.get(url("add", match_page)).context["form"]
    assert [block.block_type for block in form["content"].value()] == ["text"]


def test_an_empty_post_is_refused(client, publisher, match_page):
    response = client.post(url("add", match_page), form_data(""))
    assert "This field is required" in response.content.decode()
    assert not LivePost.objects.exists()


def test_a_new_post_can_be_kept_from_readers(client, publisher, match_page):
    data = form_data("<p>Not yet</p>", show=False)
    response = client.post(url("add", match_page), data, follow=True)
    # The apostrophe is escaped.
    assert "The post has been saved; readers don" in response.content.decode()
    assert "Not yet" not in client.get(match_page.url).content.decode()


def test_the_list_shows_all_posts_newest_first(client, publisher, match_page):
    match_page.add_live_post("<p>First</p>")
    match_page.add_live_post("<p>Second</p>", show=False)
    page = client.get(url("index", match_page)).content.decode()
    assert page.index("Second") < page.index("First")
    assert "hidden" in page


def test_the_list_asks_as_much_for_one_post_as_for_forty(client, publisher, match_page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())

    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("index", match_page)).status_code == 200
        return len(queries)

    match_page.add_live_post([("image", image)])
    count_queries()  # fills caches
    few = count_queries()
    for _ in range(39):
        match_page.add_live_post([("image", image)])
    assert count_queries() == few


def test_a_long_list_has_pages(client, publisher, match_page):
    for number in range(51):
        match_page.add_live_post(f"<p>Post number {number}</p>")
    first = client.get(url("index", match_page)).content.decode()
    second = client.get(url("index", match_page), {"p": 2}).content.decode()
    assert "Post number 50" in first
    assert "Post number 0" not in first
    assert "Post number 0" in second


def test_hiding_a_post_leads_back_to_where_it_was_listed(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    listed = url("index", match_page) + "?p=2"
    response = client.post(url("hide", match_page, post.pk), {"next": listed})
    assert response.url == listed


def test_a_post_without_words_is_listed_by_its_time(client, publisher, match_page):
    post = match_page.add_live_post([("embed", "https://example.com/")])
    assert str(post) in client.get(url("index", match_page)).content.decode()


@pytest.mark.parametrize("name", ["index", "add"])
def test_who_may_not_publish_the_page_may_not_write(client, match_page, name):
    client.force_login(user_who_may(match_page, "change_page"))
    response = client.get(url(name, match_page))
    assert response.status_code == 302
    assert response.url == reverse("wagtailadmin_home")


def test_rights_on_one_page_are_none_on_another(
    client, publisher, match_page, other_page
):
    post = other_page.add_live_post("<p>Secret</p>")
    for name in ("index", "add"):
        response = client.get(url(name, other_page))
        assert response.url == reverse("wagtailadmin_home")
    for name in ("edit", "hide", "show", "delete"):
        response = client.post(url(name, other_page, post.pk), form_data())
        assert response.url == reverse("wagtailadmin_home")
    post.refresh_from_db()
    assert (post.text, post.show) == ("Secret", True)


@pytest.mark.parametrize("name", ["edit", "hide", "show", "delete"])
def test_no_way_leads_to_a_post_of_another_page(
    client, publisher, match_page, other_page, name
):
    post = other_page.add_live_post("<p>Secret</p>")
    path = url(name, match_page, post.pk)
    assert "Secret" not in client.get(path, follow=True).content.decode()
    client.post(path, form_data())
    post.refresh_from_db()
    assert (post.text, post.show) == ("Secret", True)


def test_a_locked_page_is_read_only(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.locked = True
    match_page.save()
    page = client.get(url("index", match_page)).content.decode()
    assert "Goal!" in page
    assert "locked" in page
    assert "Add post" not in page
    assert url("edit", match_page, post.pk) not in page
    response = client.post(url("add", match_page), form_data())
    assert response.url == url("index", match_page)
    for name in ("edit", "hide", "delete"):
        client.post(url(name, match_page, post.pk), form_data("<p>Gaol!</p>"))
    post = LivePost.objects.get()
    assert (post.text, post.show) == ("Goal!", True)


def test_a_stranger_is_asked_to_sign_in(client, match_page):
    response = client.get(url("index", match_page))
    assert response.status_code == 302
    assert response.url.startswith(reverse("wagtailadmin_login"))


def test_a_page_that_is_not_live_has_no_posts(admin_client, home_page):
    assert admin_client.get(url("index", home_page)).status_code == 404


def test_the_desk_of_an_alias_is_its_sources(admin_client, match_page):
    alias = match_page.create_alias(update_slug="alias")
    admin_client.post(url("add", alias), form_data("<p>Goal!</p>"))
    assert match_page.live_posts.get().text == "Goal!"


def test_the_page_editor_leads_to_the_posts(client, publisher, match_page):
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[match_page.pk]))
    assert url("index", match_page) in editor.content.decode()


def test_the_explorer_leads_to_the_posts(admin_client, match_page, home_page):
    explorer = admin_client.get(reverse("wagtailadmin_explore", args=[home_page.pk]))
    page = explorer.content.decode()
    assert url("index", match_page) in page
    assert url("index", home_page) not in page


def test_who_may_not_publish_the_page_is_not_led_to_its_posts(
    client, match_page, home_page
):
    client.force_login(user_who_may(match_page, "change_page"))
    editor = reverse("wagtailadmin_pages:edit", args=[match_page.pk])
    explorer = reverse("wagtailadmin_explore", args=[home_page.pk])
    for path in (editor, explorer):
        response = client.get(path, follow=True)
        assert "Match" in response.content.decode()
        assert url("index", match_page) not in response.content.decode()


def test_an_images_usage_leads_to_the_post(admin_client, match_page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = match_page.add_live_post([("image", image)])
    usage = admin_client.get(reverse("wagtailimages:image_usage", args=[image.pk]))
    assert url("edit", match_page, post.pk) in usage.content.decode()


def test_an_images_usage_leads_only_those_to_the_post_who_may_write_it(
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
