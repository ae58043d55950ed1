"""Tests that tests/contrib/test_sharing.py runs in a process with other settings: two sites
follow each other, and a post goes round once."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from functools import partial

import httpx
import pytest

from tests.api.test_content import make_image
from tests.servers import Uvicorn, wait_until
from tests.servers.site import ROOT

pytestmark = pytest.mark.slow

BACKEND = "wagtail_live.contrib.syndication.receiver.SyndicationReceiver"


class Site(Uvicorn):
    """A site with a database and a secret key of its own."""

    def __init__(self, name, folder):
        self.database = folder / f"{name}.sqlite3"
        variables = {
            "DJANGO_SETTINGS_MODULE": "tests.contrib.settings",
            "TEST_DATABASE_URL": f"sqlite:///{self.database}",
            "TEST_MEDIA_ROOT": str(folder / name),
        }
        application = "tests.contrib.syndication.asgi:application"
        super().__init__(
            variables, settings={"SECRET_KEY": name}, application=application
        )

    def set_up(self, other):
        command = [sys.executable, "-m", "tests.contrib.syndication.site"]
        printed = subprocess.run(
            [*command, str(self.port), str(other.port)],
            cwd=ROOT,
            env={**os.environ, **self.environment()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.token, self.secret = json.loads(printed).values()

    def follow(self, other):
        entry = {"BACKEND": BACKEND, "OPTIONS": {"secret": other.secret}}
        self.settings["WAGTAIL_LIVE_RECEIVERS"] = {"other": entry}

    def call(self, method, path, **options):
        response = httpx.request(
            method,
            f"{self.url}/wagtail_live/api/v1/channels/blog-{self.port}/{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
            **options,
        )
        assert response.is_success, response.text
        return response.json() if response.content else None

    @property
    def posts(self):
        return self.call("get", "posts/?status=all")["posts"]

    @property
    def received(self):
        """The messages that were taken, and not deleted since."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute(
                "SELECT message_id FROM wagtail_live_receivedmessage "
                "WHERE NOT is_deleted"
            )
            return [message_id for (message_id,) in rows]

    def has(self, *expected):
        return [(each["status"], each["html"]) for each in self.posts] == [
            (status, f"<p>{text}</p>") for status, text in expected
        ]


@pytest.fixture
def sites(tmp_path, transactional_db, migrated_database):
    one, two = Site("one", tmp_path), Site("two", tmp_path)
    for site in (one, two):
        migrated_database.copy_to(site.database)
    one.set_up(two)
    two.set_up(one)
    one.follow(two)
    two.follow(one)
    with ExitStack() as stack:
        yield [stack.enter_context(site) for site in (one, two)]


def test_a_post_goes_round_once(sites):
    go_round(*sites)
    go_round(*sites[::-1])


def go_round(here, there):
    post = here.call("post", "posts/", json={"content": "<p>A tree fell</p>"})
    wait_until(lambda: there.has(("published", "A tree fell")))
    path = f"posts/{post['id']}/"
    for change, expected in (
        ({"content": "<p>Two trees fell</p>"}, ("published", "Two trees fell")),
        ({"show": False}, ("hidden", "Two trees fell")),
        ({"show": True, "title": "Storm"}, ("published", "Two trees fell")),
    ):
        here.call("patch", path, json=change)
        wait_until(partial(there.has, expected))
    wait_until(lambda: there.posts[0]["title"] == "Storm")
    assert here.has(("published", "Two trees fell"))
    # The echoes of all of this come before the marker.
    here.call("delete", path)
    wait_until(lambda: there.posts == [])
    marker = there.call("post", "posts/", json={"content": "<p>Marker</p>"})
    wait_until(lambda: here.has(("published", "Marker")))
    assert there.has(("published", "Marker"))
    assert here.received == [marker["id"]]
    assert there.received == []
    there.call("delete", f"posts/{marker['id']}/")
    wait_until(lambda: here.posts == [])


def test_images_are_downloaded(sites):
    here, there = sites
    files = {"file": ("tree.jpg", make_image(), "image/jpeg")}
    block = here.call("post", "images/", files=files)["block"]
    block["value"]["alt_text"] = "A fallen tree"
    content = [{"type": "text", "value": "<p>A tree</p>"}, block]
    here.call("post", "posts/", json={"content": content})

    def find_image():
        blocks = [block for post in there.posts for block in post["content"]]
        return next((each for each in blocks if each["type"] == "image"), None)

    found = wait_until(find_image)
    assert found["value"]["alt_text"] == "A fallen tree"
    assert found["value"]["renditions"][0]["url"].startswith(there.url)
