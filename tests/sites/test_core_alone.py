"""The core works without the API and without outgoing webhooks."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = pytest.mark.slow

CORE = [
    "tests/sites/core_alone/nothing_more.py",
    "tests/models/test_models.py",
    "tests/posts/test_posts.py",
    "tests/page/test_element.py",
    "tests/page/test_updates.py",
    "tests/delivery/test_access.py",
    "tests/publishers/test_interval_polling.py",
    "tests/admin/desk/test_changing.py",
    "tests/admin/desk/test_writing.py",
]


def test_the_core_part_of_the_suite():
    run_scenarios(CORE, "tests.sites.core_alone.settings")
