"""Tests that tests/browser/test_desk_video.py runs in a process with other settings."""

import wave
from base64 import b64decode
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect
from wagtailmedia.models import Media

from tests.browser.desk import Desk
from tests.browser.test_desk_uploads import SlowUploads
from tests.receivers.image_files import make_image
from wagtail_live.models import LivePost

RECORD = """async () => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 320, height: 180 });
  const context = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  for (let frame = 0; frame < 20; frame += 1) {
    context.fillStyle = `hsl(${frame * 9} 90% 50%)`;
    context.fillRect(0, 0, 320, 180);
    await new Promise((resolve) => { setTimeout(resolve, 40); });
  }
  recorder.stop();
  await new Promise((resolve) => { recorder.onstop = resolve; });
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture
def phone(new_window, reporter, match_page):
    viewport = {"width": 360, "height": 740}
    window = new_window(reporter, viewport=viewport, has_touch=True, is_mobile=True)
    return Desk(window, match_page)


@pytest.fixture
def clip(phone):
    """A video of a second, which the browser records."""
    data = b64decode(phone.window.evaluate(RECORD))
    return {"name": "VID_0001.webm", "mimeType": "video/webm", "buffer": data}


class SlowVideos(SlowUploads):
    path = "**/video/"


def choose(desk, *files):
    with desk.window.expect_file_chooser() as chosen:
        desk.composer.get_by_text("Photo/video").tap()
    chosen.value.set_files(list(files))


def publish(desk):
    desk.composer.get_by_role("button", name="Publish", exact=True).tap()


def test_a_video_is_published_with_two_taps(phone, clip, reader):
    choose(phone, clip)
    publish(phone)
    expect(phone.posts).to_have_count(1)
    player = reader.locator(".live-post__content video")
    expect(player).to_be_visible()
    for name in ("controls", "playsinline", "poster"):
        assert player.get_attribute(name) is not None
    assert player.get_attribute("preload") == "metadata"
    assert player.get_attribute("width") == "320"
    assert player.get_attribute("aria-label") == "Video"
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    post = LivePost.objects.get()
    assert [block.block_type for block in post.content] == ["video"]
    video = Media.objects.get()
    assert (video.title, video.width, video.height) == ("VID_0001", 320, 180)


def test_a_video_is_shown_with_its_progress_and_survives_a_reload(phone, clip):
    uploads = SlowVideos(phone)
    choose(phone, clip)
    photo = phone.composer.locator("live-photo")
    expect(photo.get_by_role("img", name="Video")).to_be_visible()
    expect(photo.locator("progress")).to_be_visible()
    publish(phone)
    expect(phone.unsent).to_contain_text("Publishing when the video is uploaded")
    expect(phone.unsent.locator("img")).to_be_visible()
    expect(phone.unsent).to_contain_text("Publish without the video")
    phone.open()
    expect(phone.unsent.locator("img")).to_be_visible()
    uploads.open()
    expect(phone.posts).to_have_count(1)
    expect(phone.unsent).to_have_count(0)
    assert Media.objects.count() == LivePost.objects.count() == 1


def test_a_photo_and_a_video_in_one_post(phone, clip):
    photo = {"name": "Ball.png", "mimeType": "image/png", "buffer": make_image("PNG")}
    choose(phone, photo, clip)
    publish(phone)
    expect(phone.posts).to_have_count(1)
    types = [block.block_type for block in LivePost.objects.get().content]
    assert types == ["image", "video"]


def test_a_video_that_is_too_large_is_not_sent(phone, clip):
    uploads = SlowVideos(phone)
    phone.window.locator("live-desk").evaluate("desk => desk.dataset.maxVideoSize = 9")
    choose(phone, clip)
    problem = phone.composer.locator("live-photo")
    expect(problem).to_contain_text("“VID_0001.webm” is too large")
    assert not uploads.held


def test_a_video_that_the_browser_cannot_read_is_sent(phone):
    clip = {"name": "Goal.mov", "mimeType": "video/quicktime", "buffer": b"unknown"}
    uploads = SlowVideos(phone)
    choose(phone, clip)
    expect(phone.composer.locator("live-photo")).to_contain_text("Goal.mov")
    uploads.open()
    publish(phone)
    expect(phone.posts).to_have_count(1)
    assert not Media.objects.get().thumbnail


def test_a_video_from_the_library_is_kept_in_the_draft(phone, match_page, reporter):
    file = SimpleUploadedFile("clip.mp4", b"video")
    Media.objects.create(
        title="Late winner", file=file, type="video", uploaded_by_user=reporter
    )
    phone.composer.locator("[data-insert=video]").tap()
    phone.window.get_by_role("link", name="Late winner").tap()
    title = phone.composer.locator("[data-chooser-title]").first
    expect(title).to_have_text("Late winner")
    phone.open()
    expect(title).to_have_text("Late winner")
    publish(phone)
    expect(phone.posts).to_have_count(1)
    assert LivePost.objects.get().content[0].value["video"].title == "Late winner"


def test_audio_is_published_like_a_video(phone, reader):
    output = BytesIO()
    with wave.open(output, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000))
    file = {"name": "Talk.wav", "mimeType": "audio/wav", "buffer": output.getvalue()}
    uploads = SlowVideos(phone)
    choose(phone, file)
    expect(phone.composer.locator("live-photo")).to_contain_text("Talk.wav")
    publish(phone)
    expect(phone.unsent).to_contain_text("Publishing when the audio is uploaded")
    uploads.open()
    expect(phone.posts).to_have_count(1)
    expect(reader.locator(".live-post__content audio")).to_be_visible()
    audio = LivePost.objects.get().content[0].value["audio"]
    assert (audio.type, audio.title, audio.duration) == ("audio", "Talk", 2)


@pytest.mark.allow_console_errors(reason="422")
def test_a_video_that_was_deleted_is_named_in_the_form(phone, match_page):
    file = SimpleUploadedFile("clip.mp4", b"video")
    video = Media.objects.create(title="Late winner", file=file, type="video")
    match_page.add_live_post([("text", "Goal"), ("video", {"video": video})])
    video.delete()
    expect(phone.post("Goal")).to_be_visible()
    phone.press("Goal", "Edit")
    form = phone.window.locator("live-post-form[data-post]")
    expect(form.locator("[data-chooser-title]").first).to_have_text("Deleted video")
    expect(form.get_by_role("link", name="Edit")).to_have_count(0)
    form.get_by_role("button", name="Save").tap()
    error = form.locator("[data-field-errors] .error-message")
    expect(error).to_have_text(
        "This video was deleted from the library. Choose another or remove the block."
    )
