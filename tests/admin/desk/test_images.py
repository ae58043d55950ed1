"""Images that reporters paste: added once, and shown before there are renditions."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupCollectionPermission
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.admin.desk.requests import the_post, url, user_who_may
from tests.receivers.image_files import make_image
from wagtail_live import background
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db
VIDEO = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"


@pytest.fixture
def upload(client, publisher, match_page):
    """Upload an image as the desk does; return the response's JSON."""
    allow_images(publisher)

    def upload(name="Ball.png", **options):
        file = SimpleUploadedFile(name, make_image("PNG", **options))
        response = client.post(url("image", match_page), {"file": file})
        assert response.status_code == 200
        return response.json()

    return upload


def allow_images(user):
    GroupCollectionPermission.objects.create(
        group=user.groups.get(),
        collection=Collection.get_first_root_node(),
        permission=Permission.objects.get(codename="add_image"),
    )


def publish(client, page, *blocks):
    data = nested_form_data(
        {"content": streamfield(blocks), "title": "", "author_name": ""}
    )
    return client.post(url("add", page), {**data, "action": "publish"})


def test_an_upload_that_is_repeated_adds_one_image(upload):
    first, again = upload(), upload()
    assert first["id"] == again["id"]
    assert upload(color="blue")["id"] != first["id"]
    assert get_image_model().objects.count() == 2


def test_the_same_image_of_another_user_is_another_one(
    upload, client, match_page, publisher
):
    first = upload()
    user = user_who_may(match_page, "change_page", name="other")
    allow_images(user)
    client.force_login(user)
    assert upload()["id"] != first["id"]


def test_renditions_are_made_after_the_response(
    upload, client, django_capture_on_commit_callbacks, monkeypatch
):
    jobs = []
    monkeypatch.setattr(
        background.threads, "add", lambda job, delay=0: jobs.append(job)
    )
    renditions = get_image_model().get_rendition_model().objects
    with django_capture_on_commit_callbacks(execute=True):
        preview = upload(size=(1200, 800))["value"]["image"]["preview"]
    assert not renditions.exists()
    assert (preview["width"], preview["height"]) == (165, 110)
    for job in jobs:
        job()
    specs = set(renditions.values_list("filter_spec", flat=True))
    assert specs >= {"width-480", "width-960", "max-165x165"}


def test_a_thumbnail_is_made_when_it_is_first_requested(upload, client, match_page):
    preview = upload()["value"]["image"]["preview"]
    response = client.get(preview["url"])
    assert response.status_code == 302
    assert "max-165x165" in response.url
    client.force_login(user_who_may(match_page, "change_page", name="other"))
    assert client.get(preview["url"]).status_code == 404


@pytest.mark.parametrize("kind", ["image", "embed"])
def test_an_image_or_a_link_alone_is_a_post(upload, client, match_page, kind):
    image = upload()
    value = VIDEO
    if kind == "image":
        alt_text = image["value"]["alt_text"]
        value = {"image": image["id"], "alt_text": alt_text, "decorative": ""}
    response = publish(client, match_page, ("text", rich_text("")), (kind, value))
    assert response.status_code == 200
    assert [block.block_type for block in the_post().content] == [kind]


def test_a_post_without_anything_is_refused(client, publisher, match_page):
    blocks = [("text", rich_text("")), ("text", rich_text("<p></p>"))]
    assert publish(client, match_page, *blocks).status_code == 422
    assert not LivePost.objects.exists()
