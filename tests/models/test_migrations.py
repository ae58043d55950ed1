"""Migrations are complete, on Wagtail's page model and on a site's own."""

import json
import os
import subprocess
import sys

import pytest
import wagtail
from django.core.management import call_command

from tests.servers.site import ROOT


@pytest.mark.django_db
def test_no_migration_is_missing(capsys):
    call_command("makemigrations", check_changes=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out


def run(tmp_path, *arguments):
    result = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.sites.custompage.settings",
            "TEST_DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.every_version
@pytest.mark.slow
@pytest.mark.skipif(
    wagtail.VERSION < (8, 0), reason="WAGTAIL_PAGE_MODEL came with Wagtail 8"
)
def test_a_site_with_a_page_model_of_its_own(tmp_path):
    checked = run(tmp_path, "django", "makemigrations", "--check", "--dry-run")
    assert "No changes detected" in checked
    *lines, answer = run(tmp_path, "tests.sites.custompage").splitlines()
    assert any(line.startswith("purged http") for line in lines)
    answer = json.loads(answer)
    [post_id] = answer["currentPosts"]
    assert '<p dir="auto">Kick-off</p>' in answer["updates"][post_id]["content"]
