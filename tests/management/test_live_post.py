"""Posts from the command line."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.servers.site import ROOT
from tests.testapp.models import MatchPage, ScorePage
from wagtail_live import posts
from wagtail_live.models import LivePost, PostStatus
from wagtail_live.permissions import SYSTEM
from wagtail_live.presets import Preset

pytestmark = pytest.mark.django_db


def run(*arguments, lines=None, monkeypatch=None):
    """Run the command; return what it printed, and what it printed as errors."""
    out, err = io.StringIO(), io.StringIO()
    if lines is not None:
        data = b"\n".join(
            line if isinstance(line, bytes) else json.dumps(line).encode()
            for line in lines
        )
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    try:
        call_command("live_post", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue().split(), f"{err.getvalue()}{error}"
    return out.getvalue().split(), err.getvalue()


def test_a_text_becomes_a_post(match_page):
    arguments = ("A <b>goal</b>\n& more", "--title", "1:0", "--key-event")
    [post_id], _ = run(str(match_page.pk), *arguments)
    post = match_page.live_posts.get(pk=post_id)
    assert (post.title, post.is_key_event) == ("1:0", True)
    [text] = post.content
    assert text.value.source == "<p>A &lt;b&gt;goal&lt;/b&gt;<br>&amp; more</p>"


def test_a_text_beyond_the_limit_is_refused(match_page, monkeypatch):
    long = "a" * 100_001
    assert "The limit is 100000." in run("match", long)[1]
    lines = [{"text": long}, {"content": long}, {"text": "Goal"}]
    added, errors = run("match", "--stdin", lines=lines, monkeypatch=monkeypatch)
    assert len(added) == 1
    assert errors.count("The limit is 100000.") == 2


def test_a_draft_is_not_seen(match_page):
    [post_id], _ = run("match", "Later", "--draft")
    assert LivePost.objects.get(pk=post_id).status == PostStatus.DRAFT


def test_the_page_is_found_by_many_names(match_page):
    below = match_page.add_child(instance=MatchPage(title="Below", slug="below"))
    for name in (
        str(below.pk),
        below.channel_id,
        "/match/below/",
        "match/below",
        "below",
    ):
        run(name, "Goal")
    assert below.live_posts.count() == 5


def test_an_ambiguous_page(match_page, home_page):
    match_page.add_child(instance=MatchPage(title="Match", slug="again"))
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    other.add_child(instance=MatchPage(title="Match", slug="again"))
    _, error = run("again", "Goal")
    assert "/match/again/, /other/again/" in error
    for name in ("nothing", "99999", str(home_page.pk), "", "99999999999999999999"):
        _, error = run(name, "Goal")
        assert "There is no live page" in error, name
    assert not LivePost.objects.exists()


def test_lines_become_posts_and_errors_are_reported(match_page, monkeypatch):
    lines = [
        {"text": "Kick-off"},
        b"{",
        b"",
        {"content": "<p>Goal <script></script></p>", "is_key_event": True},
        {"text": "a", "content": "b"},
        {"content": [{"type": "image", "value": 1}]},
        b"\xff",
        {"text": "Draft", "show": False, "unknown": 1},
        {"content": [{"type": "text", "value": "Full time"}], "show": False},
    ]
    ids, errors = run("match", "--stdin", lines=lines, monkeypatch=monkeypatch)
    assert len(ids) == LivePost.objects.count() == 3
    assert [post.text for post in match_page.live_posts] == ["Goal", "Kick-off"]
    told = [line.partition(":")[0] for line in errors.splitlines()]
    assert told[:-1] == ["Line 2", "Line 5", "Line 6", "Line 7", "Line 8"]
    assert told[-1] == "5 of 9 lines could not be posted."


def test_a_line_has_the_time_and_the_authors_of_its_post(
    match_page, reporter, monkeypatch
):
    line = {"text": "Goal", "created": "2026-03-01T19:00:00+01:00", "archive": {"a": 1}}
    line["authors"] = [{"name": "Ann"}, {"username": "reporter", "name": "Bo"}]
    unknown = {**line, "authors": [{"username": "nobody"}]}
    _, errors = run("match", "--stdin", lines=[line, unknown], monkeypatch=monkeypatch)
    assert "Line 2: authors: 0: username: Nobody with this username" in errors
    post = match_page.live_posts.get()
    assert (post.created.isoformat(), post.byline, post.authors[1].user) == (
        "2026-03-01T18:00:00+00:00",
        "Ann, Bo",
        reporter,
    )


def test_the_same_message_makes_one_post(match_page, monkeypatch):
    lines = [{"text": "Goal", "message_id": "1"}] * 2
    ids, errors = run("match", "--stdin", lines=lines, monkeypatch=monkeypatch)
    assert (ids[0], errors) == (ids[1], "")
    match_page.delete_live_post(match_page.live_posts.get())
    ids, errors = run("match", "--stdin", lines=lines, monkeypatch=monkeypatch)
    assert ids == []
    assert "was deleted" in errors
    assert not LivePost.objects.exists()


def test_a_correction_is_reported_and_not_overwritten(match_page, monkeypatch):
    lines = [{"text": "Gaol", "message_id": "1"}]
    run("match", "--stdin", lines=lines, monkeypatch=monkeypatch)
    match_page.update_live_post(match_page.live_posts.get(), content="Goal")
    ids, errors = run("match", "--stdin", lines=lines, monkeypatch=monkeypatch)
    assert (ids, errors.count("Line 1: ")) == ([], 1)
    assert "was changed since" in errors
    _, error = run("match", "Gaol", "--message-id", "1")
    assert "was changed since" in error
    match_page.delete_live_post(match_page.live_posts.get())
    _, error = run("match", "Gaol", "--message-id", "1")
    assert "was deleted" in error
    assert not LivePost.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["Goal", "--stdin"], ["  "]])
def test_arguments_must_be_consistent(match_page, arguments):
    _, error = run("match", *arguments)
    assert error
    assert not LivePost.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_as_a_script_calls_it(match_page, site_variables):
    result = subprocess.run(
        [sys.executable, "-m", "django", "live_post", "match", "--stdin"],
        input=b'{"text": "Goal"}\nnonsense\n{"text": "Full time"}\n',
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            **site_variables,
        },
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1
    assert b"Line 2: " in result.stderr
    assert [post.text for post in match_page.live_posts] == ["Full time", "Goal"]


@pytest.fixture
def score_page(home_page):
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    page.update_stage(home=2, away=1)
    return page


def test_a_post_begins_with_a_preset(score_page):
    [post_id], _ = run("final", "Müller!", "--preset", "goal")
    post = score_page.live_posts.get(pk=post_id)
    assert (post.title, post.text, post.is_key_event) == ("Goal! 2:1", "Müller!", True)
    run("final", "Oh!", "--preset", "goal", "--title", "Oh")
    assert score_page.live_posts.first().title == "Oh"


def test_a_preset_with_blocks_needs_no_text(score_page, monkeypatch):
    result = Preset("result", "Result", blocks=[("text", "<p>Over</p>")], pin=True)
    monkeypatch.setattr(ScorePage, "live_presets", [result, Preset("new", "New")])
    [post_id], _ = run("final", "--preset", "result", "--message-id", "1")
    post = score_page.live_posts.get(pk=post_id)
    assert post.text == "Over"
    assert score_page.live_channel.pinned_post == post
    posts.pin(score_page.live_channel, None, actor=SYSTEM)
    assert run("final", "--preset", "result", "--message-id", "1")[0] == [post_id]
    assert score_page.live_channel.pinned_post is None
    assert "has no text of its own" in run("final", "--preset", "new")[1]


def test_an_unknown_preset_names_those_of_the_page(score_page, match_page):
    assert "Unknown preset. Choose from: goal" in run("final", "--preset", "no")[1]
    assert "This page has no presets." in run("match", "Goal", "--preset", "goal")[1]
    assert not LivePost.objects.exists()


def test_a_line_names_its_preset(score_page, monkeypatch):
    lines = [{"text": "Müller!", "preset": "goal"}, {"text": "Oh", "preset": "no"}]
    ids, errors = run("final", "--stdin", lines=lines, monkeypatch=monkeypatch)
    assert len(ids) == 1
    assert score_page.live_posts.get().title == "Goal! 2:1"
    assert errors.startswith("Line 2: preset: Unknown preset.")
