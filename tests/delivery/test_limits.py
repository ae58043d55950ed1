"""The limits on waiting readers: in all, of a channel, and from an address."""

import json
import os
import threading
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.servers import Gunicorn, wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery.hub import close_hub
from wagtail_live.delivery.limits import NoSlot, ReaderLimits, client_address, limits

PEER = "127.0.0.1"


@pytest.mark.parametrize(
    ("setting", "another"),
    [
        ("WAGTAIL_LIVE_MAX_READERS", ("other", "192.0.2.9")),
        ("WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL", ("match", "192.0.2.9")),
        ("WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS", ("other", "192.0.2.1")),
    ],
)
def test_there_are_as_many_slots_as_the_settings_say(settings, setting, another):
    setattr(settings, setting, 2)
    readers = ReaderLimits()
    first = readers.acquire("match", "192.0.2.1")
    with readers.acquire("match", "192.0.2.1"):
        with pytest.raises(NoSlot):
            readers.acquire(*another)
        assert readers.count() == 2, "a refused reader takes no slot"
    with readers.acquire(*another), first:
        assert readers.count() == 2
    assert readers.count() == 0


def test_the_limit_of_one_channel_is_not_that_of_another(settings):
    settings.WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL = 1
    settings.WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS = 2
    readers = ReaderLimits()
    with readers.acquire("match", PEER), readers.acquire("other", PEER):
        assert readers.count() == 2


def test_a_slot_is_released_after_an_error():
    readers = ReaderLimits()
    with pytest.raises(ZeroDivisionError), readers.acquire("match", PEER):
        raise ZeroDivisionError
    assert readers.count() == 0


def test_a_wrong_setting_frees_no_slots(settings):
    readers = ReaderLimits()
    settings.WAGTAIL_LIVE_MAX_READERS = "many"
    with pytest.raises(ImproperlyConfigured):
        readers.acquire("match", PEER)
    assert readers.count() == 0


def test_slots_are_counted_right_by_many_threads(settings):
    settings.WAGTAIL_LIVE_MAX_READERS = 5
    readers, highest = ReaderLimits(), []

    def come_and_go():
        for _ in range(2000):
            try:
                with readers.acquire("match", PEER):
                    highest.append(readers.count())
            except NoSlot:
                pass

    threads = [threading.Thread(target=come_and_go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(highest) <= 5
    assert readers.count() == 0


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_process_counts_its_own_readers():
    with limits.acquire("match", PEER):
        child = os.fork()
        if not child:
            os._exit(limits.count())
        assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "address"),
    [
        (0, "", PEER),
        (0, "192.0.2.1", PEER),
        (1, "", PEER),
        (1, " , ,", PEER),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "spoofed, 192.0.2.1", "192.0.2.1"),
        (2, "spoofed, 192.0.2.1, 198.51.100.1", "192.0.2.1"),
        (2, "spoofed,192.0.2.1,198.51.100.1", "192.0.2.1"),
        (3, "192.0.2.1, 198.51.100.1", "192.0.2.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(
    settings, proxies, forwarded_for, address
):
    settings.WAGTAIL_LIVE_TRUSTED_PROXIES = proxies
    assert client_address(PEER, forwarded_for) == address


@pytest.fixture
def crowded_page(transactional_db, settings, match_page):
    """A page that one reader per address may follow."""
    settings.WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS = 1
    settings.WAGTAIL_LIVE_TRUSTED_PROXIES = 1
    yield match_page
    close_hub()


@pytest.fixture(params=["middleware", "django"])
def site(request, crowded_page):
    wrap = {"middleware": LiveUpdatesMiddleware, "django": lambda it: it}
    with SiteInProcess(wrap[request.param]) as site:
        yield site


def url_of(site, page, path):
    cursor = page.last_update_timestamp
    address = f"{site.url}/wagtail_live/{path}/{page.channel_id}/"
    return f"{address}?delta=1&last_update_ts={cursor!r}"


@contextmanager
def waiting(url, **headers):
    """Have a reader wait in a thread; yield a list for the answer."""
    answers = []

    def follow():
        with httpx.Client(timeout=30) as client:
            answers.append(client.get(url, headers=headers))

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    wait_until(lambda: limits.count() == 1)
    yield answers
    thread.join(30)


@pytest.mark.parametrize("path", ["get-updates", "stream"])
def test_one_reader_too_many_gets_retry_after(site, crowded_page, path):
    with waiting(url_of(site, crowded_page, "get-updates")) as answers:
        refused = httpx.get(url_of(site, crowded_page, path))
        crowded_page.add_live_post("<p>Goal</p>")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["Content-Type"] == "application/json"
    assert "Too many readers" in refused.json()["error"]
    assert "Goal" in answers[0].text
    wait_until(lambda: limits.count() == 0)


def test_readers_of_other_addresses_have_slots_of_their_own(site, crowded_page):
    url = url_of(site, crowded_page, "get-updates")
    with ExitStack() as stack:
        stack.enter_context(waiting(url, **{"X-Forwarded-For": "192.0.2.1"}))
        refused = httpx.get(url, headers={"X-Forwarded-For": "spoofed, 192.0.2.1"})
        assert refused.status_code == 503
        with httpx.stream("GET", url_of(site, crowded_page, "stream")) as stream:
            assert stream.status_code == 200
            crowded_page.add_live_post("<p>Goal</p>")


def test_polling_at_intervals_takes_no_slot(site, crowded_page):
    with waiting(url_of(site, crowded_page, "get-updates")):
        assert httpx.get(url_of(site, crowded_page, "poll")).status_code == 200
        crowded_page.add_live_post("<p>Goal</p>")


def test_one_socket_too_many_is_closed_with_1013(crowded_page):
    with SiteInProcess(LiveUpdatesMiddleware) as site:
        url = url_of(site, crowded_page, "socket").replace("http", "ws", 1)
        with connect(url) as first:
            wait_until(lambda: limits.count() == 1)
            with connect(url) as second, pytest.raises(ConnectionClosed) as closed:
                second.recv(timeout=30)
            assert closed.value.rcvd.code == 1013
            crowded_page.add_live_post("<p>Goal</p>")
            assert (
                "Goal"
                in json.loads(first.recv(timeout=30))["updates"].popitem()[1]["content"]
            )
        wait_until(lambda: limits.count() == 0)


def test_a_crowd_at_gunicorn_gets_retry_after(start_server, match_page):
    settings = {"WAGTAIL_LIVE_MAX_READERS": 2, "WAGTAIL_LIVE_MAX_WAITING_THREADS": 7}
    server = start_server(Gunicorn, settings=settings)
    url = url_of(server, match_page, "get-updates")
    answers = []

    def follow():
        answers.append(httpx.get(url, timeout=30))

    threads = [threading.Thread(target=follow) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: answers)
    assert answers[0].status_code == 503
    match_page.add_live_post("<p>Goal</p>")
    for thread in threads:
        thread.join(30)
    assert [answer.status_code for answer in answers] == [503, 200, 200]
