"""New posts."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, GroupCollectionPermission

from tests.admin.desk.requests import form_data, the_post, url
from wagtail_live import posts
from wagtail_live.models import LivePost, PostStatus

pytestmark = pytest.mark.django_db


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
def test_a_post_can_be_saved_as_a_draft(client, drafter, match_page, action, status):
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


def test_a_form_that_is_sent_twice_makes_one_post(client, publisher, match_page):
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


BROKEN = {
    "content-count": [None, "x", "99999999999999999999"],
    "content-0-order": [None, "first"],
    "content-0-value": ["{", "[]", '{"blocks": 1}', '{"blocks": [1], "entityMap": []}'],
}


@pytest.mark.parametrize("view", ["add", "preview_new", "new_form"])
@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in BROKEN for value in BROKEN[name]]
)
def test_data_that_is_not_of_the_form(client, publisher, match_page, view, name, value):
    data = {**form_data(), name: value}
    if value is None:
        del data[name]
    response = client.post(url(view, match_page), data)
    assert response.status_code == 400
    assert "not valid" in response.json()["error"]
    assert not LivePost.objects.exists()


@pytest.mark.parametrize("page_id", ["0", "9" * 21, str(2**63), "x", "-1"])
def test_pages_that_there_are_not(client, publisher, page_id):
    for path in ("", "posts/", "connections/", "changes/?since=1"):
        response = client.get(f"/admin/live/{page_id}/{path}")
        assert response.status_code == 404, path


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


def test_adding_an_image_needs_permission(client, publisher, match_page):
    def paste():
        image = get_test_image_file().file.getvalue()
        file = SimpleUploadedFile("ball.png", image)
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


def test_a_file_that_is_not_an_image_is_refused(admin_client, match_page):
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


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>a<br>b</p>", "a↵b"),
        ("<b>a<p>b</p></b><li>c</li>", '"b"'),
        ('<ol start="24"><li>Goal</li></ol>', "24. Goal"),
    ],
)
def test_a_post_from_elsewhere_can_be_edited(
    client, publisher, match_page, html, shown
):
    post = match_page.add_live_post(html)
    posts.summarise(match_page.live_channel, html, actor=publisher)
    form = client.get(url("form", match_page, post.pk)).json()["html"]
    key_points = client.get(url("summary", match_page)).json()["html"]
    for html in (form, key_points):
        assert shown in re.sub(r"\\+n", "↵", unescape(html)).replace("\\", "")
