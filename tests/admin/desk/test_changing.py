"""Edit, hide, pin and delete."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.admin.desk.requests import WRITES, form_data, the_post, url
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db


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


def test_an_edit_needs_the_version(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    data = {**form_data("<p>Gaol!</p>", post, "save"), "expected": ""}
    assert client.post(url("save", match_page, post.pk), data).status_code == 400
    assert the_post().text == "Goal!"


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


def test_a_deleted_post_is_restored(client, publisher, match_page):
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


def test_a_csrf_token_is_required(publisher, match_page):
    client = Client(enforce_csrf_checks=True)
    client.force_login(publisher)
    post = match_page.add_live_post("<p>Goal!</p>")
    for name in WRITES:
        assert client.post(url(name, match_page, post.pk)).status_code == 403
    for name in ("add", "undo", "state", "summary", "leave"):
        assert client.post(url(name, match_page)).status_code == 403


@pytest.mark.parametrize("name", ["form", *WRITES])
def test_a_deleted_post_is_reported(client, publisher, match_page, name):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.delete_live_post(post)
    response = client.post(url(name, match_page, post.pk), form_data(post=post))
    assert response.status_code == 410
    assert "deleted in the meantime" in response.json()["error"]
    assert not LivePost.objects.exists()
