"""Sites behind Pushpin."""

from contextlib import ExitStack
from typing import NamedTuple

import pytest

from tests.faults.crowd import Crowd
from tests.servers import Gunicorn, SiteServer, Uvicorn
from tests.servers.pushpin import Pushpin
from wagtail_live.engines import publishing

SERVERS = {
    "gunicorn": (Gunicorn, "--worker-class=sync", "--threads=1", "--workers=2"),
    "uvicorn": (Uvicorn,),
}


class Place(NamedTuple):
    """A site, and Pushpin in front of it."""

    server: SiteServer
    pushpin: Pushpin

    @property
    def url(self):
        return self.pushpin.url


def start_place(stack, kind, variables, **settings):
    """Start a site that is followed through a Pushpin."""
    server_class, *arguments = SERVERS[kind]
    server = server_class(variables, *arguments)
    pushpin = Pushpin(server.port)
    server.settings = {**pushpin.settings, **settings}
    return Place(stack.enter_context(server), stack.enter_context(pushpin))


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
