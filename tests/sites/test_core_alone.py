"""The core works without the API and without outgoing webhooks."""

import pytest

from tests.parallel import rest_nightly
from tests.sites.scenarios import run_scenarios

pytestmark = pytest.mark.slow

CORE = {
    "writing and reading": [
        "tests/sites/core_alone/nothing_more.py",
        "tests/page/test_element.py",
        "tests/publishers/test_interval_polling.py",
        "tests/admin/desk/test_writing.py",
    ],
    "the rest": [
        "tests/models/test_models.py",
        "tests/posts/test_posts.py",
        "tests/page/test_updates.py",
        "tests/delivery/test_access.py",
        "tests/admin/desk/test_changing.py",
    ],
}


@pytest.mark.parametrize("part", rest_nightly(CORE))
def test_the_core_part_of_the_suite(part):
    run_scenarios(CORE[part], "tests.sites.core_alone.settings")
