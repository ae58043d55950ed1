"""Everything works with ``USE_TZ = False``, also while the clocks change."""

import pytest

from tests.sites.scenarios import run_scenarios

pytestmark = pytest.mark.slow


def test_a_site_without_time_zones():
    run_scenarios(
        [
            "tests/sites/localtime/living.py",
            *("tests/receivers/test_slack.py", "tests/receivers/test_telegram.py"),
            "tests/webhooks/test_webhooks.py",
            *("tests/api/test_reading.py", "tests/publishers/test_long_polling.py"),
            "tests/upgrade/test_upgrade.py",
        ],
        "tests.sites.localtime.settings",
    )
