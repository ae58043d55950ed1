"""Permissions on the desk."""

import pytest
from django.urls import reverse

from tests.admin.desk.requests import WRITES, form_data, the_post, url, user_who_may
from wagtail_live.models import PostStatus

pytestmark = pytest.mark.django_db


def test_the_desk_needs_permission_to_edit_the_page(client, match_page):
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
def test_posts_of_other_pages_are_not_found(
    client, publisher, match_page, other_page, name
):
    post = other_page.add_live_post("<p>Secret</p>")
    response = client.post(url(name, match_page, post.pk), form_data(post=post))
    assert response.status_code == 410
    assert "Secret" not in response.content.decode()
    assert (the_post().text, the_post().show) == ("Secret", True)


def test_editors_change_nothing_that_readers_see(client, drafter, match_page):
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


def test_editors_edit_and_submit_drafts(client, drafter, match_page):
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


def test_anonymous_users_are_asked_to_sign_in(client, match_page):
    response = client.get(url("index", match_page))
    assert response.status_code == 302
    assert response.url.startswith(reverse("wagtailadmin_login"))


def test_a_page_that_is_not_live_has_no_desk(admin_client, home_page):
    assert admin_client.get(url("index", home_page)).status_code == 404


def test_the_desk_of_an_alias_is_its_sources(admin_client, match_page):
    alias = match_page.create_alias(update_slug="alias")
    admin_client.post(url("add", alias), form_data("<p>Goal!</p>"))
    assert match_page.live_posts.get().text == "Goal!"


def test_users_who_may_not_publish_any_more_are_offered_to_submit(
    client, drafter, match_page
):
    refused = client.post(url("add", match_page), form_data())
    assert refused.status_code == 403
    assert refused.json()["may_submit"]
    assert "no longer have permission to publish" in refused.json()["error"]
    data = form_data(action="submit")
    assert client.post(url("add", match_page), data).status_code == 200


def test_the_limit_of_a_post_is_named(client, publisher, match_page, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4096
    refused = client.post(url("add", match_page), form_data("a" * 5000))
    assert refused.status_code == 413
    assert "4.0" in refused.json()["error"]
