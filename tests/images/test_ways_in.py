"""What happens to an image does not depend on the way it came."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Collection

from tests.admin.desk.requests import form_data, url
from tests.receivers.image_files import GPS, MAKE, ORIENTATION, located, make_image
from wagtail_live import images
from wagtail_live.api.models import ApiToken
from wagtail_live.images import InvalidImage, add_image, formats

pytestmark = pytest.mark.django_db


class Refused(Exception):
    """The answer to a file that was not accepted."""


@pytest.fixture
def drop(admin_client, match_page):
    """Paste an image into a form of the desk, or drop it there."""

    def send(data, name):
        file = SimpleUploadedFile(name, data)
        response = admin_client.post(url("image", match_page), {"file": file})
        if response.status_code != 200:
            assert response.status_code == 422
            raise Refused(response.json()["error"])

    return send


@pytest.fixture
def choose(admin_client, match_page):
    """Upload an image in the chooser of a form of the desk."""

    def send(data, name):
        form = admin_client.post(url("new_form", match_page), form_data())
        assert "live/images/chooser" in form.content.decode()
        fields = {
            "title": "Goal",
            "file": SimpleUploadedFile(name, data),
            "collection": Collection.get_first_root_node().pk,
        }
        response = admin_client.post(
            reverse("wagtail_live_image_chooser:create"),
            {f"image-chooser-upload-{name}": value for name, value in fields.items()},
        )
        if response.json()["step"] != "chosen":
            raise Refused(response.json()["htmlFragment"])

    return send


@pytest.fixture
def upload(client, match_page):
    """Upload an image over the API."""
    _, secret = ApiToken.objects.issue([match_page.live_channel], name="Test")

    def send(data, name):
        response = client.post(
            f"/wagtail_live/api/v1/channels/{match_page.channel_id}/images/",
            {"file": SimpleUploadedFile(name, data)},
            headers={"Authorization": f"Bearer {secret}"},
        )
        if response.status_code != 201:
            assert response.status_code == 400
            raise Refused(" ".join(response.json()["errors"]["file"]))

    return send


@pytest.fixture
def receive():
    """Add an image as receivers do."""

    def send(data, name):
        try:
            add_image(data, name)
        except InvalidImage as error:
            raise Refused(str(error)) from None

    return send


@pytest.fixture(params=["drop", "choose", "upload", "receive"])
def send(request):
    return request.getfixturevalue(request.param)


def stored():
    image = get_image_model().objects.get()
    with image.file.open("rb") as file:
        return image, Image.open(io.BytesIO(file.read()))


def test_a_photo_loses_its_place_and_camera(send):
    send(make_image(exif=located(6), comment=b"canary"), "goal.jpg")
    image, original = stored()
    assert (image.width, image.height) == (40, 60)
    with image.get_rendition("width-30").file.open("rb") as file:
        for opened in (original, Image.open(io.BytesIO(file.read()))):
            assert not {GPS, ORIENTATION, MAKE} & set(opened.getexif())
            assert "canary" not in str(opened.info)


@pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])
def test_a_photo_of_a_phone_becomes_a_jpeg(send, file_format):
    assert formats.can_read_heif()
    send(make_image(file_format), "IMG_0001.HEIC")
    image, original = stored()
    assert original.format == "JPEG"
    assert image.file.name.endswith(".jpg")


def test_the_name_of_the_file_may_lie(send):
    send(make_image("PNG"), "goal.jpg")
    assert stored()[0].file.name.endswith(".png")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("goal.jpg", make_image(size=(300, 300))[:-300], "damaged or incomplete"),
        ("goal.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "must be a JPEG"),
        ("goal.gif", b"GIF89a", "damaged or incomplete"),
    ],
)
def test_a_file_that_is_refused_is_named(send, name, data, reason):
    with pytest.raises(Refused, match=rf"{name}: .*{reason}"):
        send(data, name)
    assert not get_image_model().objects.exists()


def test_a_file_that_is_too_large_is_refused(send, monkeypatch, settings):
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = 100
    monkeypatch.setattr(images, "MAX_FILE_SIZE", 600)
    with pytest.raises(Refused, match=r"goal\.jpg: .*larger than 600"):
        send(make_image(size=(300, 300)), "goal.jpg")


def test_more_pixels_than_the_library_accepts_are_scaled_down(send, settings):
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 1000
    send(make_image(size=(60, 40)), "goal.jpg")
    image, _ = stored()
    assert (image.width, image.height) == (30, 20)


def test_a_file_that_the_library_would_refuse_is_scaled_down(send, settings):
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20_000
    noise = Image.effect_noise((300, 300), 60)
    output = io.BytesIO()
    noise.save(output, "JPEG", quality=100)
    assert len(output.getvalue()) > 50_000
    send(output.getvalue(), "goal.jpg")
    assert stored()[0].file.size <= 20_000
