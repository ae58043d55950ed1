"""Tests that test_questions.py runs in a process with other settings: an import that is
killed, and a large blog."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from wagtail.images import get_image_model

from tests.contrib.archive.running import read_files, run
from tests.receivers.image_files import ImageHost, make_image
from tests.servers.site import ROOT
from tests.testapp.models import MatchPage
from wagtail_live.contrib.archive.downloads import ImageFetcher
from wagtail_live.contrib.archive.importing import BATCH
from wagtail_live.models import LivePost, SearchablePost
from wagtail_live.search import search

START = datetime(2024, 5, 4, tzinfo=UTC)
IMPORT = """
import sys, django
django.setup()
from django.core.management import call_command
from wagtail_live.contrib.archive.downloads import ImageFetcher
call_command("live_import", *sys.argv[1:], fetcher=ImageFetcher(trust_loopback=True))
"""


@pytest.fixture
def host():
    """A host of two images, the second of which never comes until it is let go."""
    is_asked, may_go = threading.Event(), threading.Event()

    def wait(handler):
        is_asked.set()
        may_go.wait(60)
        handler.send_response(404)
        handler.end_headers()

    with ImageHost() as host:
        host.is_asked, host.may_go = is_asked, may_go
        host.files |= {"/a.jpg": make_image(), "/b.jpg": wait}
        yield host
        may_go.set()


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on(match_page, host, site_variables, tmp_path):
    """The first batch is committed, and the second one has an image, when it is killed."""
    texts = [f"Post {number}" for number in range(BATCH + 10)]
    texts[BATCH] += f"\n\n![A]({host.url}/a.jpg)"
    texts[BATCH + 1] += f"\n\n![B]({host.url}/b.jpg)"
    file = tmp_path / "posts.md"
    file.write_text(
        "".join(
            f"---\nid: post-{number}\ndate: {START + timedelta(minutes=number)}\n---\n{text}\n"
            for number, text in enumerate(texts)
        )
    )
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(match_page.pk), str(file)],
        cwd=ROOT,
        env={
            **os.environ,
            **site_variables,
            "DJANGO_SETTINGS_MODULE": "tests.contrib.settings",
        },
        stdout=subprocess.DEVNULL,
    )
    assert host.is_asked.wait(60)
    process.kill()
    process.wait(20)
    assert LivePost.objects.count() == BATCH
    assert get_image_model().objects.count() == 1
    host.files["/b.jpg"] = make_image(color="green")
    fetcher = ImageFetcher(trust_loopback=True)
    out, err = run("live_import", match_page.pk, file, fetcher=fetcher)
    assert f"10 posts imported, {BATCH} were there" in out, err
    found = [
        post.content[0].value.source for post in match_page.live_posts.oldest_first()
    ]
    assert [text[3:-4] for text in found] == [
        " ".join(text.split()[:2]) for text in texts
    ]
    assert get_image_model().objects.count() == 2
    assert SearchablePost.objects.count() == len(texts)
    assert len(search(match_page.live_channel, f"Post {BATCH - 1}")) == 1
    assert match_page.live_channel.state == "ended"


@pytest.mark.django_db
def test_many_posts(home_page, tmp_path):
    """A batch and some more; measuring.py does the same with 5,000."""
    pages = [
        home_page.add_child(instance=MatchPage(title="Storm", slug=slug))
        for slug in ("one", "two")
    ]
    write_posts(pages[0], tmp_path / "start.jsonl", BATCH + 10)
    run("live_export", pages[0].pk, tmp_path / "one")
    pages[0].delete()
    run("live_import", pages[1].pk, tmp_path / "one")
    run("live_export", pages[1].pk, tmp_path / "two")
    assert read_files(tmp_path / "one") == read_files(tmp_path / "two")
    assert len(pages[1].live_posts) == BATCH + 10


def write_posts(page, file, count):
    """Import this many posts, some of the same second."""
    lines = (
        f'{{"message_id": "{number}", "title": "Title {number}", "created": '
        f'"{(START + timedelta(seconds=number // 2)).isoformat()}", '
        f'"authors": [{{"name": "Ann"}}], "content": "<p>Post <b>{number}</b> é.</p>"}}\n'
        for number in range(count)
    )
    file.write_text("".join(lines))
    out, err = run("live_import", page.pk, file)
    assert f"{count} posts imported" in out, err
