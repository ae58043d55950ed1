"""Tests that tests/contrib/test_sharing.py runs in a process with other settings, on each
database: a process is killed while a share follows, and pages share in both directions."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from wagtail.models import Revision

from tests.servers.site import ROOT, database_url
from wagtail_live import posts
from wagtail_live.contrib.sharing import following
from wagtail_live.contrib.sharing.copying import share
from wagtail_live.contrib.sharing.models import Ending, SharedPost
from wagtail_live.cursors import now
from wagtail_live.housekeeping import run_jobs
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EDITS = 25


def start_editor(post, count, *moment):
    command = [sys.executable, "-m", "tests.contrib.sharing.editors"]
    return subprocess.Popen(
        [*command, str(post.pk), str(count), *moment],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.contrib.settings",
            "TEST_DATABASE_URL": database_url(connection.settings_dict),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def reread(post):
    return LivePost.objects.get(pk=post.pk)


@pytest.mark.parametrize("moment", ["before", "inside"])
def test_what_a_killed_process_leaves_is_found(post, country, moment):
    shared = share(post, country.live_channel, actor=SYSTEM)
    before = country.live_channel.last_updated_at
    with start_editor(post, 1, moment) as editor:
        editor.communicate()
    assert editor.returncode == -signal.SIGKILL
    assert reread(post).text == "Edit 1"
    assert reread(shared).text == "A tree fell"
    assert country.live_channel.last_updated_at == before
    assert following.due_times(now()).count() == 1
    assert run_jobs(now())["followed"] == 1
    assert reread(shared).text == "Edit 1"
    assert Revision.objects.for_instance(shared).count() == 2
    after = country.live_channel.last_updated_at
    assert run_jobs(now())["followed"] == 0
    assert country.live_channel.last_updated_at == after


def test_what_fails_is_tried_again(post, country, monkeypatch):
    shared = share(post, country.live_channel, actor=SYSTEM)
    # The test makes each attempt itself, however long it takes.
    monkeypatch.setattr(following, "later", lambda *arguments, **options: None)

    def fail(*arguments):
        raise ValueError("no such block")

    with monkeypatch.context() as patch:
        patch.setattr(following, "build_content", fail)
        patch.setattr(following, "BACK_OFF", (0, 0))
        posts.edit(post.channel, post, content="<p>Two</p>", actor=SYSTEM)
        for _ in range(2):
            following.follow_due(now())
        assert SharedPost.objects.get().attempts == 2
    following.follow_due(now())
    assert reread(shared).text == "Two"
    assert SharedPost.objects.get().attempts == 0
    with monkeypatch.context() as patch:
        patch.setattr(following, "build_content", fail)
        patch.setattr(following, "BACK_OFF", ())
        posts.edit(post.channel, post, content="<p>Three</p>", actor=SYSTEM)
        following.follow_due(now())
    assert SharedPost.objects.get().ended == Ending.FAILED


def test_pages_that_share_with_each_other_never_wait_for_each_other(
    post, north, country
):
    other = posts.publish(country.live_channel, "<p>Calm</p>", actor=SYSTEM)
    pairs = [
        (post, share(post, country.live_channel, actor=SYSTEM)),
        (other, share(other, north.live_channel, actor=SYSTEM)),
    ]
    editors = [start_editor(each, EDITS) for each, _ in pairs * 2]
    outputs = [editor.communicate(timeout=300) for editor in editors]
    errors = "".join(error for _, error in outputs)
    assert [editor.returncode for editor in editors] == [0] * 4, errors
    assert "deadlock" not in errors.lower()
    run_jobs(now())
    for original, shared in pairs:
        assert reread(original).text == reread(shared).text
    assert not SharedPost.objects.exclude(ended="", due_at=None).exists()
