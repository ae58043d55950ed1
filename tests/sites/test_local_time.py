"""Everything works with ``USE_TZ = False``, also while the clocks change."""

import pytest

from tests.parallel import rest_nightly
from tests.sites.scenarios import run_scenarios

pytestmark = pytest.mark.slow

SCENARIOS = {
    "times": ["tests/sites/localtime/living.py", "tests/upgrade/test_upgrade.py"],
    "the rest": [
        *("tests/receivers/test_slack.py", "tests/receivers/test_telegram.py"),
        "tests/webhooks/test_webhooks.py",
        *("tests/api/test_reading.py", "tests/publishers/test_long_polling.py"),
    ],
}


@pytest.mark.parametrize("part", rest_nightly(SCENARIOS))
def test_a_site_without_time_zones(part):
    run_scenarios(SCENARIOS[part], "tests.sites.localtime.settings")
