"""Tests that tests/sites/test_core_alone.py runs in a process with other settings."""

from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core import checks
from django.core.management import call_command
from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from wagtail_live import posts
from wagtail_live.api.page_fields import LIVE_PAGE_FIELDS
from wagtail_live.housekeeping import run_jobs
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db

WORDS = "token", "webhook", "idempotency"


def test_optional_apps_have_no_tables():
    tables = connection.introspection.table_names()
    ours = [name for name in tables if name.startswith("wagtail_live")]
    assert ours
    assert not [name for name in ours if any(word in name for word in WORDS)]
    assert not apps.is_installed("wagtail_live.api")
    assert not apps.is_installed("wagtail_live.webhooks")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("live-api-openapi", []),
        ("live-api-channels", []),
        ("live-api-posts", ["abc"]),
        ("wagtail_live_connections:tokens_add", [1]),
        ("wagtail_live_connections:webhooks_add", [1]),
    ],
)
def test_optional_apps_have_no_urls(name, arguments):
    with pytest.raises(NoReverseMatch):
        reverse(name, args=arguments)


def test_their_paths_are_not_found(client, match_page, reporter):
    client.force_login(reporter)
    root = "/wagtail_live/api/v1"
    for path in (
        f"{root}/openapi.json",
        f"{root}/channels/{match_page.channel_id}/posts/",
        f"/admin/live/{match_page.pk}/tokens/",
        f"/admin/live/{match_page.pk}/webhooks/",
    ):
        assert client.get(path).status_code == 404


def test_the_page_header_has_the_desk_and_no_button_of_theirs(
    client, match_page, reporter
):
    client.force_login(reporter)
    page = client.get(f"/admin/pages/{match_page.pk}/edit/").content.decode()
    assert f"/admin/live/{match_page.pk}/" in page
    assert f"/admin/live/{match_page.pk}/tokens/" not in page
    assert f"/admin/live/{match_page.pk}/webhooks/" not in page


def test_checks_and_migrations_are_clean(capsys):
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check_changes=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out


def test_a_setting_of_the_api_is_a_warning(settings):
    settings.WAGTAIL_LIVE_API_RATE = 5
    [message] = [m for m in checks.run_checks() if m.id == "wagtail_live.W008"]
    assert "WAGTAIL_LIVE_API_RATE has no effect" in message.msg
    assert 'Add "wagtail_live.api" to INSTALLED_APPS' in message.hint


def test_the_fields_for_wagtail_s_api_work_without_the_app(match_page):
    match_page.add_live_post("Goal")
    names = [field.name for field in LIVE_PAGE_FIELDS]
    assert names[-1] == "live_posts"
    field = LIVE_PAGE_FIELDS[-1].serializer
    [post] = field.to_representation(match_page.live_posts)
    assert post["html"] == "<p>Goal</p>"


def test_live_post(match_page):
    output = StringIO()
    call_command("live_post", match_page.slug, "Goal", stdout=output)
    [post] = match_page.live_posts
    assert output.getvalue().strip() == str(post.pk)


def test_housekeeping_runs(match_page):
    now = timezone.now()
    soon = now + timedelta(hours=1)
    posts.publish(match_page.live_channel, "Goal", go_live_at=soon, actor=SYSTEM)
    assert run_jobs(now)["published"] == 0
    assert run_jobs(soon)["published"] == 1
    assert match_page.live_posts.count() == 1
