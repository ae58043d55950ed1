"""The demo plays its event to the end, faster than ``make demo``."""

import os
import runpy
import sqlite3
import subprocess
import sys

import pytest

from tests.servers.site import ROOT

DEMO = ROOT / "demo"
BLOCKS = ["image", "gallery", "video", "audio", "quote", "table", "embed", "sponsored"]


def manage(folder, *arguments):
    environment = {**os.environ, "DEMO_FOLDER": str(folder), "PYTHONPATH": str(ROOT)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    subprocess.run(
        [sys.executable, DEMO / "manage.py", *arguments],
        env=environment,
        cwd=folder,
        check=True,
    )


def scalar(folder, query):
    connection = sqlite3.connect(folder / "db.sqlite3")
    try:
        [value] = connection.execute(query).fetchone()
    finally:
        connection.close()
    return value


@pytest.mark.slow
def test_the_event_is_played_and_played_again(tmp_path):
    steps = runpy.run_path(str(DEMO / "launch/event.py"))["EVENT"]
    entries = {
        action: {step.entry for step in steps if step.action == action}
        for action in ("post", "delete")
    }
    manage(tmp_path, "migrate", "--verbosity=0")
    manage(tmp_path, "setup_demo")
    for _ in range(2):
        manage(tmp_path, "play_event", "--reset", "--speed=100000")
        posts = "FROM wagtail_live_livepost WHERE show AND source = 'demo'"
        shown = scalar(tmp_path, f"SELECT count(*) {posts}")
        assert shown == len(entries["post"] - entries["delete"])
        ended = "FROM wagtail_live_channel WHERE state = 'ended'"
        assert scalar(tmp_path, f"SELECT count(*) {ended}") == 2  # and the rehearsal
    for block in BLOCKS:
        of_this_type = f'{posts} AND content LIKE \'%"type": "{block}"%\''
        assert scalar(tmp_path, f"SELECT count(*) {of_this_type}"), block
    # Its card is stored, since the demo works offline.
    card = "SELECT count(*) FROM wagtailembeds_embed WHERE title LIKE 'The rehearsal%'"
    assert scalar(tmp_path, card) == 1
