"""Tests that test_questions.py runs in a process with other settings: static archives."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from wagtail.models import PageViewRestriction
from wagtail.rich_text import RichText

from tests.contrib.archive.running import read_files, run
from tests.receivers.image_files import make_image
from tests.testapp.models import ScorePage
from wagtail_live import posts
from wagtail_live.images import add_image
from wagtail_live.page import rendering
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
REFERENCE = re.compile(r"""\b(?:href|src|srcset|poster)=["']([^"']*)["']""")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def page(home_page):
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    channel = page.live_channel
    image = add_image(make_image(), "A red image", name="red.jpg")
    made = []
    for number in range(7):
        content = [
            ("text", RichText(f"<p>Post {number}, see <a href='/about/'>us</a></p>"))
        ]
        if number == 3:
            content += [("image", image), ("embed", "https://example.com/watch?v=1")]
        created = START + timedelta(minutes=number)
        values = {"is_key_event": number in (1, 3), "author_name": "Ann"}
        made.append(
            posts.publish(channel, content, actor=SYSTEM, created=created, **values)
        )
    posts.hide(channel, made[6], actor=SYSTEM)
    posts.publish(channel, "<p>Draft</p>", actor=SYSTEM, show=False)
    posts.pin(channel, made[3], actor=SYSTEM)
    posts.summarise(channel, "<p>They won.</p>", actor=SYSTEM)
    posts.update_stage(channel, {"home": 2, "away": 1}, actor=SYSTEM)
    posts.set_state(channel, "ended", actor=SYSTEM)
    page.posts_in_order = made
    return page


def find_broken(files):
    """Return the references in pages and feeds that lead to no file of the archive."""
    broken = []
    for name, data in files.items():
        if not name.endswith((".html", ".atom")):
            continue
        text = data.decode()
        text = unescape(text) if name.endswith(".atom") else text
        for value in REFERENCE.findall(text):
            urls = [each.split()[0] for each in value.split(",") if each.strip()]
            for url in map(unescape, urls):
                parts = urlsplit(url)
                if parts.scheme:
                    assert "archive.invalid" not in url
                    continue
                target = unquote(parts.path) or name
                if target not in files or (
                    parts.fragment
                    and f'id="{parts.fragment}"' not in files[target].decode()
                ):
                    broken.append((name, url))
    return broken


def test_an_archive_needs_no_server(page, tmp_path):
    run("live_archive", "final", tmp_path, "--posts-per-page", "1")
    out, err = run("live_archive", "final", tmp_path, "--posts-per-page", "4")
    assert "Archived 6 posts" in out, err
    assert "Missing" not in err
    files = read_files(tmp_path)
    assert {name for name in files if "/" not in name} == {
        *("index.html", "page-2.html", "key-events.html", "feed.atom", "feed.json")
    }
    assert find_broken(files) == []
    text = "".join(files[name].decode() for name in ("index.html", "page-2.html"))
    assert "<script" not in text
    assert "Ended" in text
    assert "They won." in text
    assert "Post 6" not in text
    assert "Draft" not in text
    assert "href='http://localhost/about/'" in text
    assert 'href="http://localhost/">Tickets' in text
    shown = re.findall(r'data-post-id="([^"]+)"', text)
    assert shown == [str(post.pk) for post in reversed(page.posts_in_order[:6])]
    images = [name for name in files if PurePosixPath(name).suffix == ".jpg"]
    assert len(images) >= 1
    assert 'href="page-2.html#live-post-' in files["key-events.html"].decode()
    first = page.posts_in_order[0]
    assert f'id="live-post-{first.pk}"' in files["page-2.html"].decode()


def test_feeds_of_an_archive(page, tmp_path):
    run("live_archive", "final", tmp_path, "--url", "https://old.example/final")
    feed = json.loads((tmp_path / "feed.json").read_text())
    assert feed["home_page_url"] == "https://old.example/final/index.html"
    assert feed["items"][0]["url"] == (
        f"https://old.example/final/index.html#live-post-{page.posts_in_order[5].pk}"
    )
    assert 'src="https://old.example/final/media/' in feed["items"][2]["content_html"]
    root = ElementTree.fromstring((tmp_path / "feed.atom").read_text())
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 6
    assert (
        'src="https://old.example/final/media/'
        in entries[2].find(f"{ATOM}content").text
    )


def test_all_key_events_have_a_page(page, tmp_path, monkeypatch):
    monkeypatch.setattr(rendering, "MAX_KEY_EVENTS", 1)
    run("live_archive", "final", tmp_path)
    files = read_files(tmp_path)
    assert files["key-events.html"].decode().count("live-key-event-") == 2
    assert 'href="key-events.html"' in files["index.html"].decode()
    assert find_broken(files) == []


def test_a_blog_that_goes_on_is_not_archived_by_mistake(page, tmp_path):
    posts.set_state(page.live_channel, "live", actor=SYSTEM)
    _, err = run("live_archive", "final", tmp_path / "one")
    assert "has not ended" in err
    out, _ = run("live_archive", "final", tmp_path / "one", "--not-ended")
    assert "Archived 6 posts" in out


@pytest.mark.parametrize("case", ["private", "below", "unpublished"])
def test_a_page_that_is_not_public(page, home_page, tmp_path, case):
    if case == "unpublished":
        page.unpublish()
    else:
        PageViewRestriction.objects.create(
            page=page if case == "private" else home_page,
            restriction_type=PageViewRestriction.LOGIN,
        )
    _, err = run("live_archive", page.pk, tmp_path / "one")
    assert "The page is private or not published." in err
    assert not (tmp_path / "one").exists()
    out, err = run("live_archive", page.pk, tmp_path / "one.zip", "--include-private")
    assert "Archived 6 posts" in out, err
    assert (tmp_path / "one.zip").stat().st_mode & 0o077 == 0
