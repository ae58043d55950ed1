"""The table of nginx with nchan in front of gunicorn's synchronous workers."""

from contextlib import ExitStack
from typing import NamedTuple

from tests.load.claims import Claim
from tests.load.database import kept_connections
from tests.load.processes import SERVER_CORE, on_core
from tests.load.report import DELIVERY_COLUMNS, delivery_row, progress, show
from tests.load.run import WARM_UP, Load, Outcome, Plan, follow, measure
from tests.load.targets import BACKLOG, EVENT_STREAM, TARGETS
from tests.servers import Gunicorn, MissingProgram
from tests.servers.nchan import NginxWithNchan

SYNCHRONOUS = "--worker-class", "sync", "--workers", "2", "--threads", "1"
LOGGED = "--access-logfile", "-"
TITLE = "nchan before gunicorn"
COLUMNS = (*DELIVERY_COLUMNS, "requests to the site per update")
# Times that of nchan alone, after the site has written the update: nginx rewrites each
# event, which takes about as long as sending it.
MAX_DELAY = 2.5
MAX_REQUESTS = 2  # per update: the one that publishes it, and another


class Measured(NamedTuple):
    """``own_delay`` is what an update takes to one reader, in ms: the site's own time."""

    outcome: Outcome
    requests_per_update: float
    own_delay: float


class Site:
    """The test site behind nginx, which are entered together."""

    def __init__(self, connections: int):
        self.nginx = NginxWithNchan(None, connections=connections)
        settings = {
            "ROOT_URLCONF": "tests.load.sites.urls",
            **kept_connections(),
            **self.nginx.settings,
        }
        arguments = (*SYNCHRONOUS, *LOGGED, *BACKLOG)
        self.gunicorn = Gunicorn({}, *arguments, settings=settings)
        self.nginx.site_port = self.gunicorn.port

    def __enter__(self):
        with ExitStack() as stack, on_core(SERVER_CORE):
            stack.enter_context(self.gunicorn)
            stack.enter_context(self.nginx)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def follow(self, readers: int, plan: Plan) -> Outcome:
        feed = EVENT_STREAM.feed(readers)
        return follow(Load(self.nginx, [feed], plan, self.gunicorn))

    def count_requests(self) -> int:
        return self.gunicorn.log.read_text().count('HTTP/1.1"')


def run(plan: Plan) -> list[Claim]:
    readers = plan.readers
    try:
        alone = measure(TARGETS[EVENT_STREAM.nchan], readers, plan)
        engine = measure_engine(readers, plan)
    except MissingProgram as missing:
        progress(f"{TITLE}: {missing}")
        return []
    show(
        f"{plan.updates} updates to event streams that nchan holds for a site under WSGI",
        COLUMNS,
        [
            [*delivery_row("nchan, event stream", alone, alone), "–"],
            [
                *delivery_row(TITLE, engine.outcome, alone),
                f"{engine.requests_per_update:.2f}",
            ],
        ],
    )
    return claims(engine, alone)


def measure_engine(readers: int, plan: Plan) -> Measured:
    with Site(connections=2 * readers + 1000) as site:
        site.follow(1, WARM_UP)
        own_delay = site.follow(1, plan).report.delay(0.5)
        before = site.count_requests()
        outcome = site.follow(readers, plan)
        requests = site.count_requests() - before - readers
    return Measured(outcome, requests / plan.updates, own_delay)


def claims(engine: Measured, alone: Outcome) -> list[Claim]:
    outcome = engine.outcome
    title = f"{TITLE}, {outcome.readers:,} readers"
    p99, reference = (of.report.delay(0.99) for of in (outcome, alone))
    requests, own = engine.requests_per_update, engine.own_delay
    limit = MAX_DELAY * reference + own
    beside = f"nchan alone {reference:.1f} ms; to one reader {own:.1f} ms"
    return [
        Claim(f"{title}: delivered", outcome.delivered, 100, "%", at_least=True),
        Claim(f"{title}: lost, twice or out of order", outcome.report.faults, 0),
        Claim(f"{title}: requests to the site per update", requests, MAX_REQUESTS),
        Claim(f"{title}: p99", p99, limit, "ms", beside),
    ]
