"""The contents of the built package."""

import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import wagtail_live

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = {
    "discord",
    "grip",
    "heic",
    "metrics",
    "postgres",
    "push",
    "redis",
    "ses",
    "video",
}
NOT_SOURCE = [".*", "__pycache__", "*.egg-info", "build", "dist", "node_modules"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the source distribution of a clean copy."""
    folder = tmp_path_factory.mktemp("package")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder]
    run = subprocess.run([*build, source], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    with zipfile.ZipFile(*folder.glob("*.whl")) as archive:
        yield archive


def packaged(wheel):
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_the_wheel_has_the_whole_package_and_nothing_else(wheel):
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "wagtail_live").rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".po"}
    }
    assert packaged(wheel) == files


@pytest.mark.parametrize(
    "file",
    [
        "migrations/0001_initial.py",
        "py.typed",
        "static/wagtail_live/live-blog.js",
        "templates/wagtail_live/live_post.html",
    ],
)
def test_the_wheel_has(file, wheel):
    assert f"wagtail_live/{file}" in packaged(wheel)


@pytest.fixture(scope="module")
def metadata(wheel):
    (file,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    return Parser().parsestr(wheel.read(file).decode())


def test_the_wheel_says_which_version_it_is(metadata):
    assert metadata["Name"] == "wagtail-live"
    assert metadata["Version"] == wagtail_live.__version__


def test_links_and_images_work_on_the_package_index(metadata):
    """Links of the README are relative; each leads to a file of the repository."""
    repository = "https://github.com/wagtail/wagtail-live"
    text = metadata.get_payload()
    places = re.findall(r"\]\(([^)\s]+)\)", text)
    places += re.findall(r' src(?:set)?="([^"]+)"', text)
    assert f"{repository}/blob/main/docs/tutorial.md" in places
    assert f"{repository}/raw/main/docs/_static/film.webp" in places
    assert [place for place in places if not place.startswith("https://")] == []
    files = [
        re.fullmatch(rf"{repository}/(?:blob|raw)/main/([^#]+).*", place)
        for place in places
    ]
    assert [file[1] for file in files if file and not (ROOT / file[1]).is_file()] == []


def test_extras_are_for_sites_only(metadata):
    """What developers need is in groups, which are not part of the package."""
    assert set(metadata.get_all("Provides-Extra")) == EXTRAS
