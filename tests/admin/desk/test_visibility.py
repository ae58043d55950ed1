"""The desk says that readers can't see the page, and follows when that changes."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags
from wagtail.log_actions import log
from wagtail.models import Revision

from tests.admin.desk.requests import url
from wagtail_live.signals import desk_changed

pytestmark = pytest.mark.django_db


@pytest.fixture
def match_page(match_page):
    match_page.save_revision().publish()
    match_page.refresh_from_db()
    return match_page


def unpublish(page):
    page.unpublish()


def never_publish(page):
    type(page).objects.filter(pk=page.pk).update(live=False, first_published_at=None)


def schedule(page):
    never_publish(page)
    page.refresh_from_db()
    page.go_live_at = timezone.now() + timedelta(days=1)
    page.save_revision().publish()


def expire(page):
    page.expire_at = timezone.now() - timedelta(hours=1)
    page.save()
    page.unpublish(set_expired=True)


STATES = {
    unpublish: "any more. It was unpublished.",
    never_publish: "yet.",
    schedule: "yet. It is scheduled for",
    expire: "any more. Expired:",
}


def read_notice(client, page):
    html = client.get(url("index", page)).content.decode()
    place = re.search(r"live-desk__visibility .*?</div>", html, re.DOTALL)[0]
    return place, " ".join(strip_tags(place).split())


@pytest.mark.parametrize("change", STATES)
def test_the_desk_says_why_readers_do_not_see_the_page(
    client, publisher, match_page, change
):
    place, _ = read_notice(client, match_page)
    assert " hidden" in place
    change(match_page)
    place, words = read_notice(client, match_page)
    assert " hidden" not in place.partition(">")[0]
    assert f"Readers can’t see this page {STATES[change]}" in words
    link = f'href="/admin/pages/{match_page.pk}/edit/">Publish page</a>'
    assert (link in place) is (
        change is not schedule
    )  # Wagtail locks the page until then


def test_only_those_who_may_publish_get_the_link(client, drafter, match_page):
    unpublish(match_page)
    place, words = read_notice(client, match_page)
    assert "Readers can’t see this page" in words
    assert "Publish page" not in place


def test_an_open_desk_is_told_by_its_next_request(client, publisher, match_page):
    def ask(state=""):
        query = {"since": "0", "rights": state}
        return client.get(url("changes", match_page), query).json().get("rights")

    live = ask()
    assert live["visibility"] == ""
    assert ask(live["version"]) is None
    unpublish(match_page)
    hidden = ask(live["version"])
    assert "was unpublished" in hidden["visibility"]
    assert hidden["version"].startswith(live["version"])
    assert ask(hidden["version"]) is None


@pytest.fixture
def announced(django_capture_on_commit_callbacks):
    """Count the announcements to desks while a function runs."""

    def count(function):
        heard = []

        def hear(announcement, **kwargs):
            heard.append(announcement)

        desk_changed.connect(hear)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                function()
        finally:
            desk_changed.disconnect(hear)
        return len(heard)

    return count


def test_saves_that_change_nothing_for_the_desk_are_not_announced(
    match_page, announced, django_assert_max_num_queries
):
    match_page.title = "Another title"
    assert announced(match_page.save_revision) == 0
    assert announced(match_page.save) == 0
    assert announced(match_page.get_latest_revision().publish) == 0
    with django_assert_max_num_queries(60) as queries:
        assert announced(match_page.save) == 0
    written = [each["sql"] for each in queries if each["sql"].startswith("UPDATE")]
    assert written
    assert not [sql for sql in written if "desk_changed_at" in sql]


def test_changes_for_the_desk_are_announced(match_page, announced, publisher):
    match_page.locked, match_page.locked_by = True, publisher
    assert announced(match_page.save) == 1
    assert announced(lambda: match_page.save(update_fields=["locked"])) == 0
    match_page.locked = False
    assert announced(lambda: match_page.save(update_fields=["locked"])) == 1
    assert announced(match_page.unpublish) == 1
    assert announced(lambda: schedule(match_page)) >= 1
    revision = Revision.objects.get(approved_go_live_at__isnull=False)
    cancel = {"revision": revision, "action": "wagtail.schedule.cancel"}
    assert announced(lambda: log(instance=match_page, **cancel)) == 1
    match_page.refresh_from_db()
    assert announced(match_page.get_latest_revision().publish) >= 1
