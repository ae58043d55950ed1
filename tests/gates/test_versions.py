"""The supported versions are the same wherever they are named."""

import re
import tomllib

from scripts.import_graph import ROOT

README = (ROOT / "README.md").read_text()
TOX = (ROOT / "tox.ini").read_text()
CLASSIFIERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
    "classifiers"
]
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def read_row(name):
    """Return the versions in a row of the table in README.md."""
    (row,) = re.findall(rf"^\| {name} \|(.*)\|$", README, re.MULTILINE)
    return re.findall(r"\d+\.\d+", row.partition("(")[0])


def read_classifiers(prefix):
    found = (name.removeprefix(prefix) for name in CLASSIFIERS if prefix in name)
    return [version for version in found if re.fullmatch(r"\d+\.\d+", version)]


def read_tox(name):
    """Return the versions in tox.ini's list of environments, as ``5.2`` from ``52``."""
    listed = TOX.partition("env_list =")[2].partition("[testenv]")[0]
    factors = re.findall(rf"{name}(?:{{([\d, ]+)}}|(\d+))", listed)
    found = {each for many, one in factors for each in (many or one).split(", ")}
    return [f"{each[0]}.{each[1:]}" for each in sorted(found, key=int)]


def test_python():
    versions = read_row("Python")
    assert read_classifiers("Programming Language :: Python :: ") == versions
    assert read_tox("py") == versions
    assert re.findall(r'{ python: "([\d.]+)"', WORKFLOW) == versions


def test_django():
    versions = read_row("Django")
    assert read_classifiers("Framework :: Django :: ") == versions
    assert read_tox("django") == versions


def test_wagtail():
    versions = read_row("Wagtail")
    majors = dict.fromkeys(version.partition(".")[0] for version in versions)
    prefix = "Framework :: Wagtail :: "
    found = [name.removeprefix(prefix) for name in CLASSIFIERS if prefix in name]
    assert found == list(majors)
    assert read_tox("wagtail") == versions
