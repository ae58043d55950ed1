"""Articles made of posts, and suggestions of an assistant, in one process with a site that
has these apps."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = [pytest.mark.slow, pytest.mark.every_version]

SCENARIOS = [
    "tests/contrib/static_files.py",
    "tests/contrib/article/converting.py",
    "tests/contrib/article/making.py",
    "tests/contrib/assistant/asking.py",
    "tests/contrib/assistant/guide.py",
    "tests/admin/test_privacy.py",
    "tests/browser/articles.py",
    "tests/browser/assistant.py",
]


def test_a_site_with_articles_and_an_assistant():
    run_scenarios(SCENARIOS, "tests.contrib.settings")
