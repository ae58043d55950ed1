"""The buses, the readers and the reporters of the fault tests."""

from contextlib import ExitStack

import pytest

from tests.faults.crowd import Crowd
from tests.faults.newsroom import Assignment, Newsroom

BUSES = ["database", "postgres", "redis"]
WITH_PROTOCOL = ("--http", "wagtail_live.asgi:LongPollProtocol")


@pytest.fixture
def use_bus(request, settings):
    """Let this process use a bus; return the settings with which servers use it."""

    def use(name: str, backend: str = "") -> dict:
        location = (
            request.getfixturevalue("redis_server").url if name == "redis" else ""
        )
        settings.WAGTAIL_LIVE_BUS = bus_configuration(name, location, backend)
        return {"WAGTAIL_LIVE_BUS": settings.WAGTAIL_LIVE_BUS}

    return use


def bus_configuration(name: str, location: str = "", backend: str = "") -> dict:
    backend = backend or f"wagtail_live.bus.{name}.{name.capitalize()}Bus"
    return {"default": {"BACKEND": backend, "LOCATION": location}}


@pytest.fixture
def crowd_at():
    """Connect readers to servers: ``crowd_at(server, …)``."""
    with ExitStack() as crowds:
        yield lambda *servers: crowds.enter_context(Crowd(*servers))


@pytest.fixture
def reporters(site_variables, tmp_path):
    """Let reporters write: ``reporters(page, settings, count=4, …)``."""
    with ExitStack() as newsrooms:

        def assign(page, settings=None, **assignment):
            return newsrooms.enter_context(
                Newsroom(
                    site_variables,
                    settings or {},
                    tmp_path,
                    Assignment(page.channel_id, **assignment),
                )
            )

        yield assign
