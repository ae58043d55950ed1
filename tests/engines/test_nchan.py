"""Event streams that nginx with nchan holds, in front of gunicorn's synchronous workers."""

import os
import signal
from contextlib import contextmanager

import httpx
import pytest
from wagtail.models import PageViewRestriction

from tests.engines.gate import Gate
from tests.engines.reading import Stream, check_stage
from tests.faults.crowd import Crowd
from tests.faults.journal import Journal
from tests.faults.newsroom import Assignment, Newsroom
from tests.faults.readers import TRANSPORTS, Transport
from tests.load.processes import Processes
from tests.load.readers import EventStream, shared_request
from tests.parallel import rest_nightly
from tests.servers import Gunicorn, Uvicorn, wait_until
from tests.servers.nchan import NginxWithNchan
from tests.testapp.models import ScorePage
from wagtail_live.engines import publishing
from wagtail_live.models import EngineChannel

pytestmark = [pytest.mark.nginx, pytest.mark.slow]

# Preloaded, since importing the site takes longer than most of these tests.
SYNCHRONOUS = "--worker-class", "sync", "--workers", "2", "--threads", "1", "--preload"
LOGGED = "--access-logfile", "-"
READERS = 20
HELD_BACK = 4  # a synchronous worker waits 2 s until its answer has been read
SOON = 25  # seconds: processes look every five for what others have left


class CuriousReader(EventStream):
    """A reader who doesn't say that they accept events."""

    def request(self) -> bytes:
        resume = f"Last-Event-ID: {self.cursor}\r\n"
        return shared_request(self.path, resume + self.headers)


@pytest.fixture(autouse=True)
def raw_transport(monkeypatch):
    monkeypatch.setitem(TRANSPORTS, "raw", Transport(CuriousReader, "stream"))


class Place:
    """A site behind nginx, with a gate between them and a cable to the publisher."""

    def __init__(self, start_server, settings, workers, server_class, edits, others):
        self.nginx = NginxWithNchan(None, edits, workers=workers)
        self.cable = Gate(self.nginx.publish_port)
        engine = {"key": self.nginx.key}
        engine["publish_url"] = f"http://127.0.0.1:{self.cable.port}/publish"
        settings.WAGTAIL_LIVE_NCHAN = engine
        arguments = SYNCHRONOUS + LOGGED if server_class is Gunicorn else ()
        self.settings = {"WAGTAIL_LIVE_NCHAN": engine, **others}
        self.site = start_server(server_class, *arguments, settings=self.settings)
        self.gate = Gate(self.site.port)
        self.nginx.site_port = self.gate.port

    def count_requests(self):
        """Return the number of streams that the site was asked for."""
        return self.site.log.read_text().count("GET /wagtail_live/stream/")

    def stream_url(self, page, server=None):
        cursor = repr(page.last_update_timestamp)
        path = f"/wagtail_live/stream/{page.channel_id}/?last_update_ts={cursor}"
        return (server or self.nginx).url + path


@pytest.fixture
def start_place(start_server, settings):
    @contextmanager
    def start(workers=1, server_class=Gunicorn, edits=None, **others):
        place = Place(start_server, settings, workers, server_class, edits, others)
        with place.nginx, Crowd(place.nginx) as place.crowd:
            place.crowd.run(place.cable.mend())
            place.crowd.run(place.gate.mend())
            yield place
            publishing.wait()
            place.crowd.run(place.gate.cut())
            place.crowd.run(place.cable.cut())
        publishing.forget()

    return start


@pytest.fixture
def place(start_place):
    with start_place() as place:
        yield place


@pytest.fixture(params=rest_nightly([1, 2]))
def any_place(request, start_place):
    with start_place(workers=request.param) as place:
        yield place


@pytest.fixture
def journal(match_page):
    journal = Journal()
    for _ in range(4):
        journal.publish(match_page)
    return journal


@pytest.fixture
def audience(place, match_page, journal):
    return follow(place, match_page)


def follow(place, page, transport="event-stream", count=READERS, **options):
    return place.crowd.follow(page, [transport], count, **options)


def restrict(page):
    login = PageViewRestriction.LOGIN
    PageViewRestriction.objects.create(page=page, restriction_type=login)


@pytest.mark.parametrize("transport", ["event-stream", "raw"])
def test_readers_get_all_updates_and_the_site_one_request_for_each_reader(
    any_place, match_page, journal, transport
):
    audience = follow(any_place, match_page, transport)
    journal.change_all_ways(match_page)
    audience.check(journal)
    assert any_place.count_requests() == READERS


def test_a_stream_is_written_as_by_the_site(place, match_page, journal):
    headers = {"Accept": "text/event-stream"}
    url = place.stream_url(match_page)
    with httpx.stream("GET", url, headers=headers) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-cache, no-transform"
        lines = response.iter_lines()
        assert 1000 <= int(next(lines).removeprefix("retry: ")) <= 5000
        post = match_page.add_live_post("<p>data: \t</p>")
        event = [next(lines) for _ in range(4)][1:]
        cursor = match_page.live_channel.last_updated_at.timestamp()
        assert event[0].startswith(":")
        assert event[1] == f"id: {cursor!r}"
        assert event[2].startswith(f'data: {{"updates":{{"{post.pk}"')


def test_changes_of_the_stage_reach_readers(place, home_page):
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    url = f"{place.stream_url(page)}&head=1"
    headers = {"Accept": "text/event-stream"}
    with httpx.stream("GET", url, headers=headers, timeout=60) as response:
        stream = Stream(response)
        stream.wait_for("retry: ")
        check_stage(stream, page)
        response.close()
    assert place.count_requests() == 1  # nchan has told the reader


def test_pages_of_other_origins_read_what_the_site_allows(start_place, match_page):
    origins = ["https://app.example"]
    with start_place(WAGTAIL_LIVE_ALLOWED_ORIGINS=origins) as place:
        allowed, others = (
            get_headers(place, match_page, origin)
            for origin in ("https://app.example", "https://other.example")
        )
    assert allowed["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in allowed
    assert allowed["Vary"] == "Origin"
    assert "Access-Control-Allow-Origin" not in others


def get_headers(place, page, origin):
    headers = {"Accept": "text/event-stream", "Origin": origin}
    url = place.stream_url(page)
    with httpx.stream("GET", url, headers=headers) as response:
        assert response.status_code == 200
        return response.headers


def test_an_update_between_the_answer_of_the_site_and_the_stream_comes_once(
    any_place, match_page, journal
):
    first = follow(any_place, match_page, count=1)
    journal.publish(match_page)
    assert publishing.wait(60)
    any_place.crowd.run(any_place.gate.close())
    second = follow(any_place, match_page, count=HELD_BACK, wait=False)
    wait_until(lambda: any_place.gate.waiting == HELD_BACK)
    journal.change_all_ways(match_page)
    assert publishing.wait(60)
    any_place.crowd.run(any_place.gate.open())
    second.check(journal)
    first.check(journal)
    assert any_place.count_requests() == 1 + HELD_BACK


def test_readers_with_an_old_cursor_catch_up_first(place, match_page, journal):
    early = follow(place, match_page, count=1)
    start = early._start
    journal.change_all_ways(match_page)
    assert publishing.wait(60)
    late = follow(place, match_page, start=start)
    late.all(lambda reader: reader.log)
    journal.change_all_ways(match_page)
    late.check(journal)
    early.check(journal)


def test_readers_resume_after_nginx_was_killed(any_place, match_page, journal):
    audience = follow(any_place, match_page)
    journal.publish(match_page)
    any_place.nginx.kill()
    journal.change_all_ways(match_page)
    any_place.nginx.start()
    audience.check(journal)


def test_readers_resume_after_nginx_has_read_its_configuration_again(
    any_place, match_page, journal
):
    audience = follow(any_place, match_page)
    journal.publish(match_page)
    any_place.nginx.process.send_signal(signal.SIGHUP)
    journal.change_all_ways(match_page)
    audience.check(journal)


@pytest.mark.slow
def test_readers_of_a_worker_that_another_one_left_alone_come_back(
    start_place, match_page, journal
):
    """nchan keeps a channel in one worker. If that one is killed, the streams of others
    are only ended by the timeout."""
    edits = {"nchan_subscriber_timeout 1h;": "nchan_subscriber_timeout 5s;"}
    with start_place(workers=2, edits=edits) as place:
        audience = follow(place, match_page)
        workers = Processes(place.nginx.process.pid).ids
        workers.remove(place.nginx.process.pid)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
            number = journal.publish(match_page)
            audience.all(lambda reader: reader.latest == number)  # noqa: B023
        audience.check(journal)


def test_readers_get_updates_of_others_while_the_site_is_down(
    place, audience, match_page, journal
):
    place.site.kill()
    journal.change_all_ways(match_page)
    audience.check(journal)
    place.site.start()
    journal.change_all_ways(match_page)
    audience.check(journal)
    assert place.count_requests() == READERS


def test_readers_get_what_could_not_be_published_for_a_while(
    place, audience, match_page, journal
):
    place.crowd.run(place.cable.cut())
    journal.change_all_ways(match_page)
    late = follow(place, match_page, wait=False)
    place.crowd.run(place.cable.mend())
    late.all(lambda reader: reader.is_waiting)
    audience.check(journal)
    late.check(journal)


def test_readers_get_once_what_nchan_has_but_the_site_has_not_noted(
    place, audience, match_page, journal
):
    """The connection is cut, or the process ends, after nchan has got an update."""
    place.crowd.run(place.cable.close())
    number = journal.publish(match_page)
    audience.all(lambda reader: reader.latest == number)
    place.crowd.run(place.cable.cut())
    place.crowd.run(place.cable.open())
    place.crowd.run(place.cable.mend())
    journal.change_all_ways(match_page)
    audience.check(journal)


def test_readers_get_what_a_process_had_only_begun_to_publish(
    place, audience, match_page, journal
):
    """The process ended between its note and its request to nchan."""
    rows = EngineChannel.objects.filter(channel_id=match_page.channel_id)
    later = match_page.live_channel.last_updated_at
    place.crowd.run(place.cable.cut())
    journal.publish(match_page)
    wait_until(lambda: rows.get().publishing_until)
    assert rows.get().publishing_until > later
    publishing.forget()
    place.crowd.run(place.cable.mend())
    audience.all(lambda reader: reader.log, timeout=60)  # the claim has to end
    audience.check(journal)


def test_an_update_that_is_too_large_is_read_from_the_site(
    start_place, match_page, journal
):
    with start_place(
        edits={"client_max_body_size 4m;": "client_max_body_size 4k;"}
    ) as place:
        audience = follow(place, match_page)
        journal.publish(match_page, size=100)
        journal.publish(match_page, size=10_000)
        journal.publish(match_page, size=100)
        audience.check(journal)


@pytest.mark.slow
def test_nothing_is_lost_while_everything_is_killed(
    any_place, match_page, site_variables, tmp_path
):
    audience = follow(any_place, match_page, count=50)
    assignment = Assignment(match_page.channel_id, reporters=2, pause=0.3)
    with Newsroom(site_variables, any_place.settings, tmp_path, assignment) as newsroom:
        for server in (any_place.nginx, any_place.site) * 2:
            newsroom.wait_for(newsroom.count() + 5)
            server.kill()
            newsroom.wait_for(newsroom.count() + 5)
            server.start()
        # nginx takes them in once it has all updates, which may be after the last one.
        late = follow(
            any_place, match_page, count=50, start=audience._start, wait=False
        )
        late.all(lambda reader: reader.log, timeout=60)
        journal = newsroom.stop()
    audience.check(journal, timeout=60)
    late.check(journal, timeout=60)


@pytest.mark.parametrize("end_access", ["unpublish", "restrict", "delete"])
def test_readers_who_lose_access_are_sent_away(place, match_page, journal, end_access):
    audience = follow(place, match_page)
    journal.publish(match_page)
    audience.all(lambda reader: reader.log)
    if end_access == "restrict":
        restrict(match_page)
    else:
        getattr(match_page, end_access)()
    wait_until(audience.is_let_go, timeout=SOON)
    if end_access != "delete":
        match_page.add_live_post("<p>Secret</p>")
    assert publishing.wait(60)
    assert all(len(reader.log) == 1 for reader in audience.readers)


def test_a_reader_whose_access_ends_before_the_stream_starts_is_sent_away(
    place, match_page, journal
):
    place.crowd.run(place.gate.close())
    audience = follow(place, match_page, count=HELD_BACK, wait=False)
    wait_until(lambda: place.gate.waiting == HELD_BACK)
    match_page.unpublish()
    assert publishing.wait(60)
    place.crowd.run(place.gate.open())
    wait_until(audience.is_let_go, timeout=SOON)


def test_readers_follow_a_page_that_is_public_again(
    place, audience, match_page, journal
):
    match_page.unpublish()
    wait_until(audience.is_let_go, timeout=SOON)
    match_page.save_revision().publish()
    again = follow(place, match_page)
    journal.change_all_ways(match_page)
    again.check(journal)


def test_a_restricted_page_is_left_to_the_site(place, match_page):
    restrict(match_page)
    assert httpx.get(place.stream_url(match_page)).status_code == 404


def test_outsiders_can_neither_pose_as_nginx_nor_subscribe_nor_publish(
    place, audience, match_page
):
    headers = {"X-Wagtail-Live-Nchan": "a wrong key"}
    url = place.stream_url(match_page, place.site)
    answer = httpx.get(url, headers=headers)
    assert answer.status_code == 501
    assert "X-Accel-Redirect" not in answer.headers
    row = EngineChannel.objects.get()
    for path in ("/wagtail-live-nchan/events", "/wagtail-live-nchan/raw", "/publish"):
        for name in row.positions or ["any"]:
            for method in ("GET", "POST", "DELETE"):
                url = f"{place.nginx.url}{path}/{name}.{row.epoch}"
                assert httpx.request(method, url).status_code == 404


def test_a_request_with_a_position_of_its_own_is_answered_by_the_site(
    place, match_page, journal
):
    headers = {"If-None-Match": '"0"', "Accept": "text/event-stream"}
    answer = httpx.get(place.stream_url(match_page), headers=headers)
    assert answer.text.startswith("retry: ")


def test_a_site_under_asgi_lets_nchan_hold_its_streams(
    start_place, match_page, journal
):
    with start_place(server_class=Uvicorn) as place:
        audience = follow(place, match_page)
        polls = follow(place, match_page, "long-poll")
        journal.change_all_ways(match_page)
        audience.check(journal)
        place.site.kill()
        audience.all(lambda reader: reader.is_waiting)
        place.site.start()
        audience.check(journal)
        polls.check(journal)
