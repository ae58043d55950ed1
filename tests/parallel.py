"""The order of the tests, and how ``pytest -n`` deals them out to its processes.

Most tests wait for something, so there are three processes for each processor. Each has
its own database and servers. A third of them start with the tests in the browser, which
keep a processor busy, beside others that wait. A test, or a file of tests in the browser, that
takes a processor more than about ten seconds is marked as slow: `make test-slow` runs it, and
`make test-nightly` with more parameters, such as screens.
"""

import os
from itertools import islice
from typing import ClassVar

import pytest
from django.db import connection

# Tests of these take long, and share nothing that takes long to start: each is dealt out
# by itself. The tests of any other file follow each other in one process.
BROWSER = "tests/browser/"
SINGLY = (
    BROWSER,
    "tests/contrib/test_",
    "tests/engines/test_nchan.py",
    "tests/faults/",
    "tests/sites/test_wagtail_start.py",
)
NIGHTLY = pytest.mark.slow, pytest.mark.nightly
BETWEEN_SLOW = 3  # tests: one for each other process


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Start with the tests that take long, since others can run beside them.

    But browser tests are the last: the browser's driver keeps an event loop running in
    the process to the end of the session, and no asynchronous test could run after it.
    """
    items.sort(key=lambda item: not takes_long(item))
    browser = [item for item in items if needs_browser(item)]
    others = [item for item in items if not needs_browser(item)]
    items[:] = [*spread_slow(others), *spread_slow(browser)]


def spread_slow(items):
    """Put some other tests after each slow one, for a process has two in hand: with two
    slow ones it would be the last by far."""
    slow = [item for item in items if is_slow(item)]
    others = iter([item for item in items if not is_slow(item)])
    for item in slow:
        yield item
        yield from islice(others, BETWEEN_SLOW)
    yield from others


def rest_nightly(values, first=1):
    """Return parameters of a test: it runs every night with those after the first."""
    values = list(values)
    rest = [pytest.param(value, marks=NIGHTLY) for value in values[first:]]
    return [*values[:first], *rest]


def nightly_on_sqlite(test):
    """Let a slow test of all databases run every night on SQLite."""
    return pytest.mark.nightly(test) if connection.vendor == "sqlite" else test


def needs_browser(item):
    return item.get_closest_marker("browser") is not None


def is_slow(item):
    return item.get_closest_marker("slow") is not None


def takes_long(item):
    return is_slow(item) or item.nodeid.startswith(SINGLY)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # what it says
    return 3 * len(os.sched_getaffinity(0))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        with_browser: ClassVar = set()  # the processes that have begun with it

        def _split_scope(self, nodeid):
            return nodeid if nodeid.startswith(SINGLY) else nodeid.partition("::")[0]

        def _assign_work_unit(self, node):
            browser = [scope for scope in self.workqueue if scope.startswith(BROWSER)]
            others = [
                scope for scope in self.workqueue if not scope.startswith(BROWSER)
            ]
            if node in self.with_browser:
                scopes = browser  # nothing else can follow
            elif int(node.gateway.id.removeprefix("gw")) % 3 == 1:
                scopes = [*browser, *others]
            else:
                scopes = [*others, *browser]
            if not scopes:
                node.shutdown()
                return
            if scopes[0].startswith(BROWSER):
                self.with_browser.add(node)
            self.workqueue.move_to_end(scopes[0], last=False)
            super()._assign_work_unit(node)

    config.option.loadscopereorder = False
    return ByFile(config, log)
