"""A poll that Django answers opens one database connection, or none."""

import threading
from contextlib import contextmanager

import httpx
import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from tests.servers.in_process import SiteInProcess
from wagtail_live.delivery import threads
from wagtail_live.delivery.hub import close_hub

POLLS = 5


@pytest.fixture(autouse=True)
def own_hub(transactional_db, settings):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 0.1
    yield
    close_hub()


@contextmanager
def count_connections():
    """Collect the threads that open a connection, without those of the hub."""
    threads = []

    def count(**kwargs):
        name = threading.current_thread().name
        if not name.startswith("wagtail-live"):
            threads.append(name)

    connection_created.connect(count)
    try:
        yield threads
    finally:
        connection_created.disconnect(count)


@pytest.mark.parametrize("path", ["get-updates", "poll"])
@pytest.mark.parametrize("is_up_to_date", [True, False])
@pytest.mark.parametrize(("max_age", "opened"), [(0, POLLS), (60, 1)])
def test_polls_under_wsgi(
    client, match_page, monkeypatch, path, is_up_to_date, max_age, opened
):
    match_page.add_live_post("<p>Goal</p>")
    cursor = match_page.last_update_timestamp if is_up_to_date else 0
    url = f"/wagtail_live/{path}/{match_page.channel_id}/"
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", max_age)
    monkeypatch.setattr(threads, "REFUSED_POLL_AGE", 0)  # they need no connection
    connection.close()
    with count_connections() as opening:
        for _ in range(POLLS):
            response = client.get(url, {"last_update_ts": cursor})
            assert response.status_code == 200
    assert len(opening) == opened


@pytest.mark.parametrize("path", ["get-updates", "poll"])
@pytest.mark.parametrize("is_up_to_date", [True, False])
def test_polls_under_asgi(match_page, path, is_up_to_date):
    match_page.add_live_post("<p>Goal</p>")
    cursor = match_page.last_update_timestamp if is_up_to_date else 0
    with SiteInProcess() as site, count_connections() as threads:
        url = f"{site.url}/wagtail_live/{path}/{match_page.channel_id}/"
        for _ in range(POLLS):
            response = httpx.get(url, params={"last_update_ts": cursor})
            assert response.status_code == 200
    assert len(threads) == POLLS
