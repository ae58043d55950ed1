"""The contents of the built package."""

import ast
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import wagtail_live

ROOT = Path(__file__).resolve().parents[2]
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


def test_the_wheel_says_which_version_it_is(wheel):
    (metadata,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    headers = Parser().parsestr(wheel.read(metadata).decode())
    assert headers["Name"] == "wagtail-live"
    assert headers["Version"] == wagtail_live.__version__


def test_setup_py_leaves_everything_to_pyproject():
    lines = ast.unparse(ast.parse((ROOT / "setup.py").read_text())).splitlines()
    assert lines == ["from setuptools import setup", "setup()"]
