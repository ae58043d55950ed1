"""Sites with Pushpin in front of them."""

from typing import NamedTuple

from tests.servers import Gunicorn, SiteServer, Uvicorn
from tests.servers.pushpin import Pushpin

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
