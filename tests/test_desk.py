"""The views in the admin in which posts are written."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.testapp.models import MatchPage
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
    user = User.objects.create_user(name, password="password")
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
    question = client.get(url("delete", match_page, post.pk))
    assert "Are you sure" in question.content.decode()
    client.post(url("delete", match_page, post.pk))
    assert not LivePost.objects.exists()


def test_only_a_post_request_changes_anything(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    assert client.get(url("hide", match_page, post.pk)).status_code == 405
    client.get(url("delete", match_page, post.pk))
    post.refresh_from_db()
    assert post.show


def test_an_edit_of_a_post_that_is_gone_says_so(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.delete_live_post(post)
    for name in ("edit", "delete", "hide"):
        response = client.post(url(name, match_page, post.pk), form_data())
        assert response.status_code == 404


def test_an_invalid_form_keeps_the_text(client, publisher, match_page):
    data = form_data("", title="Half-time")
    response = client.post(url("add", match_page), data)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Half-time" in page
    assert "could not be created due to errors" in page
    assert not LivePost.objects.exists()


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
        assert client.get(url(name, other_page)).status_code == 302
    for name in ("edit", "hide", "delete"):
        assert client.post(url(name, other_page, post.pk), form_data()).url == reverse(
            "wagtailadmin_home"
        )
        # Nor by way of the page that he may write.
        path = url(name, match_page, post.pk)
        assert client.post(path, form_data()).status_code == 404
    post.refresh_from_db()
    assert (post.text, post.show) == ("Secret", True)


def test_a_locked_page_is_read_only(client, publisher, match_page):
    match_page.locked = True
    match_page.save()
    client.post(url("add", match_page), form_data())
    assert not LivePost.objects.exists()


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


def test_the_page_editor_links_to_the_posts(admin_client, match_page, home_page):
    editor = admin_client.get(reverse("wagtailadmin_pages:edit", args=[match_page.pk]))
    assert url("index", match_page) in editor.content.decode()
    editor = admin_client.get(reverse("wagtailadmin_pages:edit", args=[home_page.pk]))
    assert "Live posts" not in editor.content.decode()


def test_an_images_usage_leads_to_the_post(admin_client, match_page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    post = match_page.add_live_post([("image", image)])
    usage = admin_client.get(reverse("wagtailimages:image_usage", args=[image.pk]))
    assert url("edit", match_page, post.pk) in usage.content.decode()
