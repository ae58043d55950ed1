"""Tests that tests/browser/test_desk_video.py runs in a process with other settings: videos
and their captions."""

import pytest
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtailmedia.models import get_media_model

from tests.contrib.archive.running import read_files, run
from tests.receivers.image_files import make_image
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(match_page):
    """An ended blog with a video that has captions."""
    video = get_media_model()(
        title="Goal", type="video", duration=3, width=20, height=10
    )
    video.file = ContentFile(b"film" * 100, name="goal.mp4")
    video.thumbnail = ContentFile(make_image(), name="goal.jpg")
    video.save()
    words = ContentFile(b"WEBVTT\n\n", name="words.vtt")
    captions = get_document_model()(title="Words", file=words)
    captions._set_document_file_metadata()
    captions.save()
    block = LivePost._meta.get_field("content").stream_block
    value = {"video": video.pk, "captions": captions.pk, "caption": "1:0", "credit": ""}
    content = block.to_python([{"type": "video", "value": value, "id": "a"}])
    posts.publish(match_page.live_channel, content, actor=SYSTEM)
    posts.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    return match_page


def test_videos_come_back_as_they_were(page, home_page, tmp_path):
    run("live_export", page.pk, tmp_path / "one")
    page.delete()
    get_media_model().objects.all().delete()
    get_document_model().objects.all().delete()
    empty = home_page.add_child(instance=MatchPage(title="Match", slug="again"))
    out, err = run("live_import", empty.pk, tmp_path / "one")
    assert "1 posts imported" in out, err
    assert "2 files added" in out
    out, _ = run("live_import", empty.pk, tmp_path / "one")
    assert "0 files added" in out
    run("live_export", empty.pk, tmp_path / "two")
    assert read_files(tmp_path / "one") == read_files(tmp_path / "two")


def test_an_archive_has_the_videos(page, tmp_path):
    _, err = run("live_archive", page.pk, tmp_path)
    assert "Missing" not in err
    files = read_files(tmp_path)
    names = {name for name in files if name.startswith("media/")}
    assert len(names) == 3
    text = files["index.html"].decode()
    assert all(f'"{name}"' in text for name in names)
