"""The wheel in new sites with each supported version of Wagtail; run by ``make test-wheel``.

``make test`` doesn't, since it installs from the package index.
"""

import re
import subprocess
import sys

import pytest

from tests.servers.site import ROOT
from tests.sites.started import StartedSite
from tests.sites.test_wagtail_start import (
    PUBLISH_PAGE,
    PUBLISH_POST,
    install,
    run_in_shell,
    test_a_page_type_of_its_own,
    test_a_page_type_that_the_site_has_needs_no_migration,
)

__all__ = [
    "test_a_page_type_of_its_own",
    "test_a_page_type_that_the_site_has_needs_no_migration",
]

VERSIONS = re.findall(r" wagtail\d+: (wagtail>=.*)", (ROOT / "tox.ini").read_text())
FIND_PACKAGE = """
import wagtail, wagtail_live
print("file", wagtail_live.__file__)
print("wagtail", ".".join(map(str, wagtail.VERSION[:2])))
"""
SEE_DESK = """
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from home.models import MatchPage
client = Client(headers={"host": "localhost"})
client.force_login(get_user_model().objects.create_superuser("editor"))
desk = reverse("wagtail_live:index", args=[MatchPage.objects.get().pk])
answer = client.get(desk)
print("status", answer.status_code)
print("goals", answer.content.decode().count("Goal!"))
"""


def make_environment(folder, *packages):
    """Return the Python of a new virtual environment with these packages."""
    uv = [sys.executable, "-m", "uv", "--quiet"]
    python = folder / "bin" / "python"
    subprocess.run([*uv, "venv", "--python", sys.executable, folder], check=True)
    subprocess.run([*uv, "pip", "install", "--python", python, *packages], check=True)
    return python


@pytest.fixture(scope="module")
def wheel():
    (file,) = (ROOT / "dist").glob("*.whl")
    return file


@pytest.fixture(scope="module", params=VERSIONS)
def fresh_site(request, wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    python = make_environment(folder / "environment", request.param, wheel)
    (folder / "site").mkdir()
    return StartedSite.create(folder / "site", python)


@pytest.fixture
def wanted(request):
    """The version of Wagtail, such as ``7.4``."""
    spec = request.node.callspec.params["fresh_site"]
    return re.search(r"\d+\.\d+", spec)[0]


def test_the_site_runs_the_wheel(started_site, wanted):
    install(started_site)
    found = run_in_shell(started_site, FIND_PACKAGE)
    assert found["wagtail"] == wanted
    assert "site-packages" in found["file"]
    assert not found["file"].startswith(f"{ROOT}/wagtail_live/")


def test_the_desk_and_the_files_of_the_page_are_in_the_wheel(started_site):
    install(started_site)
    run_in_shell(started_site, PUBLISH_PAGE)
    run_in_shell(started_site, PUBLISH_POST)
    seen = run_in_shell(started_site, SEE_DESK)
    assert seen["status"] == "200"
    assert int(seen["goals"]) >= 1
    with started_site.serve() as server:
        page = server.ask("/final/")
        files = re.findall(r'(?:src|href)="(/static/wagtail_live/[^"]+)"', page)
        assert {file.rpartition(".")[2] for file in files} >= {"css", "js"}
        assert all(server.ask(file) for file in files)
