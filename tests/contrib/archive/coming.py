"""Tests that test_questions.py runs in a process with other settings: other products."""

import json
import shutil
from pathlib import Path

import pytest
from wagtail.blocks import RichTextBlock, StreamBlock
from wagtail.images import get_image_model

from tests.contrib.archive.running import run
from tests.receivers.image_files import ImageHost, located, make_image
from wagtail_live.contrib.archive.downloads import ImageFetcher
from wagtail_live.models import LivePost, PendingEmbeds

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parent / "samples"
YOUTUBE = "https://www.youtube.com/watch?v=abc123"


class TextBlocks(StreamBlock):
    text = RichTextBlock()


@pytest.fixture
def host():
    with ImageHost() as host:
        for name in ("pier", "hall", "empty"):
            host.files[f"/{name}.jpg"] = make_image(exif=located())
        yield host


@pytest.fixture
def load(match_page, host, tmp_path):
    """Import a sample whose images are on the tests' own host."""

    def load(name, *options):
        text = (SAMPLES / name).read_text().replace("HOST", host.url)
        file = tmp_path / name
        file.write_text(text)
        fetcher = ImageFetcher(trust_loopback=True)
        return run("live_import", match_page.pk, file, *options, fetcher=fetcher)

    return load


def describe(post):
    """Return the blocks of a post as pairs, images by their words."""
    found = []
    for child in post.content:
        value = child.value
        if child.block_type == "image":
            value = (value.contextual_alt_text, value.live_caption, value.live_credit)
        elif child.block_type == "embed":
            value = value.url
        elif child.block_type == "text":
            value = str(value.source)
        found.append((child.block_type, value))
    return found


def test_wordpress_comments(load, match_page, host):
    out, err = load("liveblog.wxr.xml")
    assert "3 posts imported" in out, err
    assert "liveblog.wxr.xml, line 90: wp:comment_date_gmt: 'not a date'" in err
    assert "1 posts could not be imported." in err
    pier, waves, ferry = match_page.live_posts
    assert describe(ferry) == [
        (
            "text",
            "<p>The ferry to <strong>Moss</strong> is cancelled.<br>All others sail.</p>"
            "\n<p>Trains run.</p>",
        )
    ]
    assert ferry.byline == "Ida Olsen, Per Dahl"
    assert (ferry.source, ferry.message_id, ferry.is_key_event) == (
        "wordpress",
        "101",
        True,
    )
    assert ferry.created.isoformat() == "2024-05-04T18:00:05+00:00"
    assert (ferry.modified, waves.text) == (None, "Waves of eight metres at Færder.")
    assert waves.modified.isoformat() == "2024-05-04T18:12:30+00:00"
    assert describe(pier) == [
        ("text", "<p>The pier:</p>"),
        ("image", ("A pier in the waves", "The pier at seven", "")),
        ("embed", YOUTUBE),
    ]
    assert (pier.byline, host.paths) == ("", ["/pier.jpg"])
    assert PendingEmbeds.objects.get().post == pier
    channel = match_page.live_channel
    assert (channel.state, channel.started_at) == ("ended", ferry.created)
    out, _ = load("liveblog.wxr.xml")
    assert "0 posts imported, 3 were there" in out
    assert host.paths == ["/pier.jpg"]


def test_wordpress_rest(load, match_page):
    out, err = load("liveblog.json", "--state", "live")
    assert "2 posts imported" in out, err
    assert "liveblog.json, line 30: The entry has no content." in err
    assert "liveblog.json, line 31: timestamp: 'soon' is not a time." in err
    power, waves = match_page.live_posts
    assert (power.is_key_event, power.byline) == (True, "Ida Olsen, Per Dahl")
    assert 'href="https://grid.example/map"' in describe(power)[0][1]
    assert (waves.text, str(waves.modified)) == (
        "Eight metres.",
        "2024-05-04 18:12:30+00:00",
    )
    assert match_page.live_channel.state == "live"


def test_superdesk(load, match_page, host):
    out, err = load("superdesk.json", "--status", "published,draft")
    assert "3 posts imported" in out, err
    assert "superdesk.json, line 61: A part of the post is missing" in err
    night, results = match_page.live_posts
    assert describe(results) == [
        ("text", "<p>The <b>count</b> is over.</p>"),
        ("image", ("The hall", "The hall", "Per Dahl")),
        ("quote", {"quote": "We won", "name": "The mayor", "role": ""}),
        ("embed", YOUTUBE),
    ]
    assert (results.title, results.byline) == ("Results are in", "Ida Olsen")
    assert results.is_key_event
    assert results.modified.isoformat() == "2024-05-04T18:20:00+00:00"
    assert (night.byline, [name for name, _ in describe(night)]) == (
        "Per Dahl",
        ["text", "image"],
    )
    channel = match_page.live_channel
    assert channel.pinned_post == results
    assert channel.posts.oldest_first().first().status == "draft"
    assert "/hall-small.jpg" not in host.paths
    assert b"canary" not in get_image_model().objects.first().file.read()


def test_markdown(match_page, tmp_path):
    folder = shutil.copytree(SAMPLES / "notes", tmp_path / "notes")
    out, err = run("live_import", match_page.pk, folder)
    assert "4 posts imported" in out, err
    assert "02-more.md, line 16: date: 'yesterday' is not a time." in err
    assert "04-broken.md, line 1: " in err
    closed, noon, start = match_page.live_posts
    assert describe(start) == [
        (
            "text",
            "<h3>The day begins</h3><p>All <b>1,200</b> polling places are <i>open</i>. "
            'Read the <a href="https://herald.example/guide" rel="noopener">guide</a>, or '
            "<code>call</code>.</p><ul><li>Bring a card</li><li>Vote</li></ul>",
        ),
        ("image", ("A queue in the rain", "Before seven", "")),
        ("embed", YOUTUBE),
        (
            "table",
            {
                "caption": "",
                "header_row": True,
                "header_column": False,
                "rows": [["Place", "Voters"], ["Moss", "300"]],
            },
        ),
        ("text", "<pre>![not](an-image.jpg)</pre>"),
    ]
    assert (start.title, start.byline) == ("Polls are open", "Ida Olsen, Per Dahl")
    assert start.created.isoformat() == "2024-05-04T05:00:00+00:00"
    assert (noon.message_id, noon.byline) == ("noon", "Ida O'Olsen")
    assert noon.correction == "It was 40 per cent."
    assert "<b>40</b>" in describe(noon)[0][1]
    assert "<script" not in describe(noon)[0][1]
    assert (closed.title, closed.message_id) == ("Closed", "03-toml")
    assert LivePost.objects.get(message_id="secret").status == "draft"
    assert match_page.live_channel.pinned_post == start


def test_a_site_whose_posts_have_only_text(load, match_page, settings, host, tmp_path):
    settings.WAGTAIL_LIVE_POST_BLOCK = "tests.contrib.archive.coming.TextBlocks"
    out, err = load("superdesk.json")
    assert "2 posts imported" in out, err
    text = "".join(value for _, value in describe(match_page.live_posts.last()))
    assert f'<a href="{host.url}/hall.jpg" rel="noopener">The hall</a>' in text
    assert "<blockquote>We won</blockquote><p>The mayor</p>" in text
    assert f'<a href="{YOUTUBE}" rel="noopener">{YOUTUBE}</a>' in text
    out, err = run("live_import", match_page.pk, SAMPLES / "notes" / "01-start.md")
    assert "1 posts imported" in out, err
    assert "Place | Voters<br>Moss | 300" in str(describe(match_page.live_posts.last()))
    assert not get_image_model().objects.exists()


def test_posts_that_nobody_expects(match_page, tmp_path):
    """Each is refused, and the good one between them is imported."""
    when = {"published_date": "2024-05-04T18:00:00+0000"}
    good = {"items": [{"item_type": "text", "text": "Good"}], **when}
    items = [
        {"_id": "1", "groups": 5, **when},
        {"_id": "2", "items": [{"item_type": "text", "text": "a" * 100_001}], **when},
        {"_id": "3", "items": ["a"], **when},
        {"_id": "4", **good},
        {"_id": 5, **good},
        {"_id": "6", **good, "headline": ["a"]},
        {"_id": "7" * 300, **good},
        {"_id": "8", **good, "published_date": "9999999"},
        "nine",
    ]
    file = tmp_path / "posts.json"
    file.write_text(json.dumps({"_items": items}, indent=1))
    out, err = run("live_import", match_page.pk, file)
    assert "1 posts imported" in out, err
    assert "8 refused" in out
    assert match_page.live_posts.get().text == "Good"
    entries = [
        {"id": 1, "content": "a" * 100_001, "timestamp": 1714847400},
        {"id": 2, "content": {"a": 1}, "timestamp": 1714847400},
        {"id": 3, "content": "Fine", "timestamp": 1714847400, "authors": 7},
        {"id": 4, "content": "Fine", "timestamp": 1e300},
        {"id": 5, "content": "Fine", "timestamp": 1714847400, "authors": ["x"]},
    ]
    file = tmp_path / "entries.json"
    file.write_text(json.dumps({"entries": entries}))
    out, err = run("live_import", match_page.pk, file)
    assert "1 posts imported" in out, err
    assert "4 refused" in out


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/a.jpg",
        "https://localhost/a.jpg",
        "https://10.0.0.1:8443/a.jpg",
        "https://user@herald.example/a.jpg",
    ],
)
def test_images_from_private_addresses_are_refused(url, match_page, tmp_path):
    post = tmp_path / "post.md"
    post.write_text(f"---\ndate: 2024-05-04\n---\nText\n\n![A]({url})\n")
    out, err = run("live_import", match_page.pk, post)
    assert "1 refused" in out
    assert f"post.md, line 1: block 2: The image {url} can't" in err
    assert not LivePost.objects.exists()
    out, err = run("live_import", match_page.pk, post, "--link-images")
    assert "1 posts imported" in out, err
    assert f'<a href="{url}"' in match_page.live_posts.get().content[1].value.source


def test_only_files_below_the_folder_are_read(match_page, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(make_image())
    folder = tmp_path / "posts"
    folder.mkdir()
    for name in ("../secret.jpg", str(tmp_path / "secret.jpg")):
        (folder / "post.md").write_text(f"---\ndate: 2024-05-04\n---\n![A]({name})\n")
        _, err = run("live_import", match_page.pk, folder)
        assert "is missing" in err
    assert not get_image_model().objects.exists()


def test_a_dry_run_changes_nothing(load, match_page, host):
    cursor = match_page.live_channel.last_updated_at
    out, err = load("superdesk.json", "--dry-run")
    assert "2 posts to import" in out, err
    assert "line 61: " in err
    assert (LivePost.objects.count(), get_image_model().objects.count()) == (0, 0)
    assert (match_page.live_channel.last_updated_at, host.paths) == (cursor, [])


def test_a_post_deleted_since_stays_deleted(load, match_page):
    load("liveblog.json")
    match_page.delete_live_post(match_page.live_posts.first())
    out, err = load("liveblog.json")
    assert "0 posts imported, 1 were there, 1 were deleted" in out
    assert "line 3: The post was deleted on this page." in err


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.json", '{"entries": [\n{"id": 1,}\n]}', "a.json, line 2: "),
        ("a.json", '{"entries": [{"id"', "a.json, line 1: "),
        ("a.json", "{}", "is not known"),
        ("a.xml", "<rss>\n<channel>", "a.xml, line 2: no element found"),
        ("a.xml", "<rss></rss>", "There is no live blog"),
        ("a.xml", '<!DOCTYPE r [<!ENTITY a "b">]><rss>&a;</rss>', "entities"),
        ("a.txt", "", "is not known"),
        ("a.jsonl", '{"text": "a"}\n[]\n{"x": 1}\n', "a.jsonl, line 1: message_id"),
        ("a.jsonl", '{"a"', "a.jsonl, line 1: Not valid JSON."),
        ("posts", None, "does not exist"),
    ],
)
def test_errors_name_their_lines(name, text, reason, match_page, tmp_path):
    if text is not None:
        (tmp_path / name).write_text(text)
    _, err = run("live_import", match_page.pk, tmp_path / name)
    assert reason in err


def test_one_of_several_blogs_is_chosen(match_page, tmp_path):
    text = (SAMPLES / "liveblog.wxr.xml").read_text()
    text = text.replace("HOST", "https://127.0.0.1")
    item = text[text.index("  <item>\n    <title>Storm") : text.index("</channel>")]
    other = item.replace("storm-night", "calm").replace(">40<", ">41<")
    file = tmp_path / "blogs.xml"
    other = other.replace("id>10", "id>20").replace("CDATA[10", "CDATA[20")
    file.write_text(text.replace(item, item + other))
    _, err = run("live_import", match_page.pk, file)
    assert "several live blogs" in err
    assert "40 (Storm night), 41 (Storm night)" in err
    out, _ = run("live_import", match_page.pk, file, "--blog", "calm", "--link-images")
    assert "3 posts imported" in out
    assert {post.message_id for post in match_page.live_posts} == {"201", "202", "206"}
