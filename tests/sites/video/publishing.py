"""Tests that tests/sites/test_video.py runs in a process with other settings."""

import json
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.template import Context, Template
from wagtail.documents import get_document_model
from wagtail.models import Collection, GroupCollectionPermission, ReferenceIndex
from wagtail.test.utils.form_data import nested_form_data, streamfield
from wagtailmedia.models import Media

from tests.admin.desk.requests import the_post, url, user_who_may
from tests.page.vocabulary import find_errors
from tests.receivers.image_files import make_image
from wagtail_live.api.content import from_json, get_messages, to_json
from wagtail_live.images import add_image
from wagtail_live.page.rendering import prefetch_blocks
from wagtail_live.page.structured_data import get_structured_data

pytestmark = pytest.mark.django_db
BASE_URL = "https://news.example"


@pytest.fixture
def reporter(client, match_page):
    user = user_who_may(match_page, "change_page", "publish_page")
    client.force_login(user)
    return user


@pytest.fixture
def upload(client, reporter, match_page):
    """Upload a video as the desk does; return the response."""
    GroupCollectionPermission.objects.create(
        group=reporter.groups.get(),
        collection=Collection.get_first_root_node(),
        permission=Permission.objects.get(codename="add_media"),
    )

    def upload(name="Goal.mp4", data=b"video", mime_type="video/mp4", **fields):
        file = SimpleUploadedFile(name, data, mime_type)
        path = url("index", match_page) + "video/"
        return client.post(path, {"file": file, **fields})

    return upload


@pytest.fixture
def video():
    file = SimpleUploadedFile("clip.mp4", b"video", "video/mp4")
    thumbnail = SimpleUploadedFile("clip.png", make_image("PNG"))
    return Media.objects.create(
        title="The goal & more",
        file=file,
        thumbnail=thumbnail,
        type="video",
        duration=12.5,
        width=1280,
        height=720,
    )


def add_post(page, video, **words):
    return page.add_live_post([("video", {"video": video, **words})])


def test_the_desk_offers_videos(client, reporter, match_page):
    page = client.get(url("index", match_page)).content.decode()
    assert 'accept="image/*,video/*,audio/*"' in page
    assert 'data-insert="video"' in page
    assert f'data-max-video-size="{200 * 2**20}"' in page


def test_a_video_alone_is_a_post(upload, client, match_page):
    response = upload(width="1280", height="720", duration="3.5")
    assert response.status_code == 200
    value = {"video": response.json()["id"], "caption": "", "credit": ""}
    content = streamfield([("video", value)])
    data = nested_form_data({"content": content, "title": "", "author_name": ""})
    data["action"] = "publish"
    assert client.post(url("add", match_page), data).status_code == 200
    video = the_post().content[0].value["video"]
    assert (video.width, video.height, video.duration) == (1280, 720, 3.5)
    assert video.title == "Goal"


@pytest.mark.parametrize("mime_type", ["audio/mp4", "application/octet-stream"])
def test_audio_from_the_desk(upload, mime_type):
    response = upload("Talk.m4a", mime_type=mime_type, duration="3.5")
    assert response.json()["type"] == "audio"
    audio = Media.objects.get()
    assert (audio.type, audio.title, audio.duration) == ("audio", "Talk", 3.5)


def test_an_upload_that_is_repeated_adds_one_video(upload):
    first, again = upload().json(), upload().json()
    assert first["id"] == again["id"]
    assert upload(data=b"another").json()["id"] != first["id"]
    assert Media.objects.count() == 2


def test_a_video_that_is_too_large_is_refused(upload, settings):
    settings.WAGTAIL_LIVE_MAX_VIDEO_SIZE = 4
    response = upload()
    assert response.status_code == 413
    assert "Goal.mp4: The file is larger than 4" in response.json()["error"]
    assert not Media.objects.exists()


def test_a_frame_is_the_thumbnail_if_it_is_an_image(upload):
    frame = SimpleUploadedFile("frame.jpg", make_image("JPEG"), "image/jpeg")
    assert upload(thumbnail=frame).status_code == 200
    assert Media.objects.get().thumbnail
    no_image = SimpleUploadedFile("frame.jpg", b"<script>", "image/jpeg")
    assert upload(data=b"another", thumbnail=no_image).status_code == 200
    assert not Media.objects.get(thumbnail="").thumbnail


def test_a_file_of_another_type_is_refused(upload):
    response = upload("Goal.exe")
    assert response.status_code == 422
    assert "“exe” is not allowed" in response.json()["error"]


def test_a_video_needs_the_right_to_add_media(client, reporter, match_page):
    file = SimpleUploadedFile("Goal.mp4", b"video")
    response = client.post(url("index", match_page) + "video/", {"file": file})
    assert response.status_code == 403
    assert "add videos" in response.json()["error"]


def test_readers_see_a_player(client, match_page, video):
    add_post(match_page, video, caption="Late winner", credit="Ann")
    page = client.get(match_page.url).content.decode()
    assert 'controls playsinline preload="metadata"' in page
    assert 'aria-label="Late winner"' in page
    assert 'width="1280" height="720"' in page
    assert f'poster="{video.thumbnail.url}"' in page
    assert f'<source src="{video.url}" type="video/mp4">' in page
    assert "Ann" in page


def test_a_player_has_the_title_and_never_the_name_of_a_file(client, match_page, video):
    add_post(match_page, video)
    label = 'aria-label="The goal &amp; more"'
    assert label in client.get(match_page.url).content.decode()
    Media.objects.update(title="clip")
    page = client.get(match_page.url).content.decode()
    assert 'aria-label="Video"' in page


def test_updates_and_feeds_have_the_player(client, match_page, video):
    before = match_page.last_updated_at
    post = add_post(match_page, video)
    updates, _ = match_page.get_updates_since(before)
    assert "<video" in updates[str(post.pk)]["content"]
    path = f"/wagtail_live/feed/{match_page.channel_id}/json/"
    [item] = client.get(path).json()["items"]
    assert f'src="http://testserver{video.url}"' in item["content_html"]


def test_the_structured_data_describe_the_video(match_page, video):
    post = add_post(match_page, video)
    prefetch_blocks([post])
    data = get_structured_data(match_page, match_page.live_channel, [post])
    assert list(find_errors(data)) == []
    [found] = data["liveBlogUpdate"][0]["video"]
    assert found["@type"] == "VideoObject"
    assert found["name"] == "The goal & more"
    assert found["contentUrl"].endswith(video.url)
    assert found["thumbnailUrl"].startswith("http")
    assert found["duration"] == "PT12.5S"
    json.dumps(data)


def test_the_api_returns_and_takes_videos(match_page, video):
    post = add_post(match_page, video, caption="Late winner")
    [block] = to_json(post.content, BASE_URL)
    assert block["value"]["video"] == video.pk
    assert block["value"]["url"] == f"{BASE_URL}{video.url}"
    sent = [{"type": "video", "value": block["value"]}]
    content = from_json(sent, user=None)
    assert content[0].value["video"] == video
    assert content[0].value["caption"] == "Late winner"


def test_the_api_says_that_a_video_was_deleted(match_page, video):
    post = add_post(match_page, video, caption="Late winner")
    video.delete()
    content = match_page.live_channel.posts.get(pk=post.pk).content
    sent = to_json(content, BASE_URL)
    with pytest.raises(ValidationError) as caught:
        from_json(sent, user=None, current=content, base_url=BASE_URL)
    [message] = get_messages(caught.value)
    assert message.startswith(
        "block 1: video: This video was deleted from the library."
    )


def make_document(name):
    file = SimpleUploadedFile(name, b"WEBVTT\n\n00:00.000 --> 00:01.000\nGoal!")
    return get_document_model().objects.create(title="English", file=file)


def test_captions_of_a_video(client, match_page, video):
    captions = make_document("goal.vtt")
    post = add_post(match_page, video, captions=captions)
    page = client.get(match_page.url).content.decode()
    assert f'<track kind="captions" src="{captions.url}" srclang="en' in page
    [block] = to_json(post.content, BASE_URL)
    assert block["value"]["captions"] == captions.pk
    assert block["value"]["captions_url"] == f"{BASE_URL}{captions.url}"
    content = from_json([{"type": "video", "value": block["value"]}], user=None)
    assert content[0].value["captions"] == captions
    data = get_structured_data(match_page, match_page.live_channel, [post])
    assert list(find_errors(data)) == []
    [found] = data["liveBlogUpdate"][0]["video"]
    assert found["caption"]["contentUrl"].endswith(captions.url)
    other = {**block["value"], "captions": make_document("goal.txt").pk}
    with pytest.raises(ValidationError):
        from_json([{"type": "video", "value": other}], user=None)


def test_audio(client, match_page):
    file = SimpleUploadedFile("talk.mp3", b"sound", "audio/mpeg")
    sound = Media.objects.create(title="Interview", file=file, type="audio", duration=9)
    value = {"audio": sound, "caption": "", "credit": "Ann"}
    post = match_page.add_live_post([("audio", value)])
    page = client.get(match_page.url).content.decode()
    assert '<audio class="live-post__sound" controls preload="metadata"' in page
    assert 'aria-label="Interview"' in page
    [block] = to_json(post.content, BASE_URL)
    assert block["value"]["url"] == f"{BASE_URL}{sound.url}"
    content = from_json([{"type": "audio", "value": block["value"]}], user=None)
    assert content[0].value["audio"] == sound
    data = get_structured_data(match_page, match_page.live_channel, [post])
    assert list(find_errors(data)) == []
    [found] = data["liveBlogUpdate"][0]["audio"]
    assert found["@type"] == "AudioObject"
    assert found["duration"] == "PT9S"


@pytest.fixture
def open_graph(match_page, rf):
    """Return the tags of a post that is shared."""

    def read(post):
        request = rf.get(f"/?post={post.pk}")
        template = Template("{% load wagtail_live_tags %}{% live_head page %}")
        html = template.render(Context({"page": match_page, "request": request}))
        return dict(re.findall(r'property="(og:[^"]+)" content="([^"]*)"', html))

    return read


def test_a_shared_post_that_begins_with_a_video(match_page, video, open_graph):
    value = {"video": video, "caption": "Late winner"}
    tags = open_graph(match_page.add_live_post([("text", "Goal"), ("video", value)]))
    assert tags["og:video"] == f"http://testserver{video.url}"
    assert tags["og:video:type"] == "video/mp4"
    assert (tags["og:video:width"], tags["og:video:height"]) == ("1280", "720")
    assert tags["og:image"] == f"http://testserver{video.thumbnail.url}"
    assert tags["og:image:alt"] == "Late winner"
    image = add_image(make_image(size=(1300, 800)), "Ball")
    tags = open_graph(match_page.add_live_post([("image", image), ("video", value)]))
    assert "og:video" not in tags
    tags = open_graph(match_page.add_live_post([("video", value), ("image", image)]))
    assert "og:video" in tags
    assert "fill-1200x630" in tags["og:image"]


def test_a_shared_post_that_begins_with_audio(match_page, open_graph):
    file = SimpleUploadedFile("talk.mp3", b"sound", "audio/mpeg")
    sound = Media.objects.create(title="Interview", file=file, type="audio", duration=9)
    tags = open_graph(match_page.add_live_post([("audio", {"audio": sound})]))
    assert tags["og:audio"] == f"http://testserver{sound.url}"
    assert tags["og:audio:type"] == "audio/mpeg"
    assert "og:image" not in tags


def test_a_deleted_video_leaves_the_rest_of_a_post(client, match_page, video):
    add_post(match_page, video, caption="Late winner")
    match_page.add_live_post("Goal")
    video.delete()
    response = client.get(match_page.url)
    assert response.status_code == 200
    assert "<video" not in response.content.decode()


@pytest.mark.parametrize("is_new", [True, False])
def test_the_form_says_that_a_video_was_deleted(
    client, reporter, match_page, video, is_new
):
    post = add_post(match_page, video, caption="Late winner")
    key = video.pk
    video.delete()
    if is_new:
        path, prefix, data = url("add", match_page), "", {}
    else:
        form = client.get(url("form", match_page, post.pk)).json()["html"]
        assert "Deleted video" in form
        path, prefix = url("save", match_page, post.pk), f"post-{post.pk}-"
        data = {"expected": repr(match_page.last_update_timestamp)}
    value = {"video": key, "caption": "Late winner", "credit": ""}
    fields = {
        "content": streamfield([("video", value)]),
        "title": "",
        "author_name": "",
    }
    data |= {prefix + name: each for name, each in nested_form_data(fields).items()}
    response = client.post(path, {**data, "action": "publish"})
    assert response.status_code == 422
    words = "This video was deleted from the library. Choose another or remove the"
    assert f"Video: {words} block." in response.json()["error"]
    assert "Deleted video" in response.json()["html"]


def test_wagtail_shows_where_a_video_is_used(match_page, video):
    post = add_post(match_page, video)
    [[used, _]] = ReferenceIndex.get_grouped_references_to(video)
    assert used == post


def test_posts_are_searched_by_their_caption(match_page, video):
    assert add_post(match_page, video, caption="Late winner").headline == "Late winner"


def test_no_migration_is_needed(capsys):
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", "wagtail_live", check_changes=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out
