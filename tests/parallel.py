"""The order of the tests, and how ``pytest -n`` deals them out to its processes.

Most tests wait for something, so there are two processes for each processor. Each has its
own database and servers.
"""

import os

import pytest

# Tests of these take long, and share nothing that takes long to start: each is dealt out
# by itself. The tests of any other file follow each other in one process.
SINGLY = ("tests/browser/", "tests/engines/test_nchan.py", "tests/faults/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Start with the tests that take long, since others can run beside them.

    But browser tests are the last: the browser's driver keeps an event loop running in
    the process to the end of the session, and no asynchronous test could run after it.
    """
    items.sort(
        key=lambda item: (needs_browser(item), not is_slow(item), not takes_long(item))
    )


def needs_browser(item):
    return item.get_closest_marker("browser") is not None


def is_slow(item):
    return item.get_closest_marker("slow") is not None


def takes_long(item):
    return item.nodeid.startswith(SINGLY)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # what it says
    return 2 * len(os.sched_getaffinity(0))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return nodeid if nodeid.startswith(SINGLY) else nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return ByFile(config, log)
