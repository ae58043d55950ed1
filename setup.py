"""Reads the README for the package index, where links and images must be absolute."""

import re
from pathlib import Path

from setuptools import setup

REPOSITORY = "https://github.com/wagtail/wagtail-live"
IMAGE = re.compile(r"(!\[[^\]]*\]\()(?!https?:)")
SOURCE = re.compile(r'( src(?:set)?=")(?!https?:)')
LINK = re.compile(r"((?<!!)\[[^\]]*\]\()(?!https?:|mailto:|#)")


def read_readme() -> str:
    """Return the README; its links lead to the files of the repository."""
    readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    with_images = IMAGE.sub(rf"\g<1>{REPOSITORY}/raw/main/", readme)
    with_images = SOURCE.sub(rf"\g<1>{REPOSITORY}/raw/main/", with_images)
    return LINK.sub(rf"\g<1>{REPOSITORY}/blob/main/", with_images)


setup(long_description=read_readme(), long_description_content_type="text/markdown")
