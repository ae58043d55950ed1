"""The history of a post, and the overview above the posts."""

import pytest
from wagtail.test.utils.form_data import rich_text

from tests.admin.desk.requests import the_post, url, url_of_post
from wagtail_live import posts
from wagtail_live.admin.desk import overview
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = pytest.mark.django_db


def test_the_history_shows_who_changed_what(client, publisher, match_page):
    channel = match_page.live_channel
    post = posts.publish(channel, "<p>Gaol!</p>", actor=publisher)
    posts.edit(channel, post, content="<p>Goal!</p>", actor=publisher)
    history = client.get(url_of_post("history", post)).content.decode()
    assert "editor" in history
    older, newer = post.revisions.order_by("created_at", "pk").values_list(
        "pk", flat=True
    )
    compare = url_of_post("compare", post, older, newer)
    assert compare in history
    page = client.get(compare).content.decode()
    assert 'child-object deletion">Gaol!' in page
    assert 'child-object addition">Goal!' in page


@pytest.mark.parametrize("version", ["abc", "9" * 30, "é", "1e9", "0"])
def test_versions_that_there_are_not(client, publisher, match_page, version):
    post = match_page.add_live_post("Goal")
    for pair in ([version, "latest"], ["latest", version]):
        assert client.get(url_of_post("compare", post, *pair)).status_code == 404


def test_an_earlier_version_is_restored(client, publisher, match_page):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.update_live_post(post, content="<p>Gaol!</p>")
    earlier = post.revisions.order_by("created_at", "pk").first()
    path = url_of_post("revert", post, earlier.pk)
    assert "Goal!" in client.get(path).content.decode()
    client.post(path)
    assert the_post().text == "Goal!"


def test_a_restored_version_does_not_replace_a_correction(
    client, publisher, match_page
):
    post = match_page.add_live_post("<p>Goal!</p>")
    match_page.update_live_post(post, content="<p>Gaol!</p>")
    earlier = post.revisions.order_by("created_at", "pk").first()
    path = url_of_post("revert", post, earlier.pk)
    data = {"expected": client.get(path).context["expected"]}
    for _ in range(2):  # as after a double click
        messages = client.post(path, data, follow=True).content.decode()
        assert "Post reverted to the selected version." in messages
    match_page.update_live_post(post, content="<p>2:1</p>")
    messages = client.post(path, data, follow=True).content.decode()
    assert "Someone else has changed this post." in messages
    assert the_post().text == "2:1"


def test_the_history_needs_permission_to_edit(
    client, publisher, match_page, other_page
):
    post = other_page.add_live_post("<p>Secret</p>")
    revision = post.revisions.get().pk
    for path in (
        url_of_post("history", post),
        url_of_post("compare", post, revision, revision),
        url_of_post("revert", post, revision),
    ):
        response = client.get(path)
        assert response.status_code == 403
        assert "Secret" not in response.content.decode()
    assert client.post(url_of_post("revert", post, revision)).status_code == 403


def test_the_coverage_is_started_and_paused(client, publisher, match_page):
    for state in ("live", "paused", "live"):
        client.post(url("state", match_page), {"state": state})
        assert match_page.live_channel.state == state


def test_key_points_are_not_overwritten(client, publisher, match_page):
    coverage.summarise(match_page.live_channel, "<p>Theirs</p>", actor=SYSTEM)
    data = {"key-points-summary": rich_text("<p>Mine</p>"), "expected": ""}
    response = client.post(url("summary", match_page), data)
    assert response.status_code == 409
    assert "Theirs" in response.json()["conflict"]
    data["expected"] = response.json()["version"]
    assert client.post(url("summary", match_page), data).status_code == 200
    assert "Mine" in match_page.live_channel.summary


def test_key_points_that_are_changed_meanwhile_are_not_overwritten(
    client, publisher, match_page, monkeypatch
):
    class SlowForm(overview.SummaryForm):
        def clean(self):
            coverage.summarise(match_page.live_channel, "<p>Theirs</p>", actor=SYSTEM)
            return super().clean()

    monkeypatch.setattr(overview, "SummaryForm", SlowForm)
    data = {"key-points-summary": rich_text("<p>Mine</p>"), "expected": ""}
    response = client.post(url("summary", match_page), data)
    assert response.status_code == 409
    assert "Theirs" in match_page.live_channel.summary
