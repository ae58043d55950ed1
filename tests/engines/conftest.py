"""Sites behind Pushpin."""

from contextlib import ExitStack

import pytest

from tests.engines.places import SERVERS, start_place
from tests.faults.crowd import Crowd
from wagtail_live.engines import publishing


@pytest.fixture(scope="module", params=SERVERS)
def shared_place(request, site_variables):
    with ExitStack() as stack:
        yield start_place(stack, request.param, site_variables)


@pytest.fixture
def place(shared_place, shared_database, settings):
    """A site behind Pushpin, and this process, which writes, with its settings."""
    for name, value in shared_place.pushpin.settings.items():
        setattr(settings, name, value)
    yield shared_place
    publishing.wait(10)


@pytest.fixture
def crowd(place):
    with Crowd(place.pushpin) as crowd:
        yield crowd
