"""Waiting readers cost no database connection, no thread and no query each."""

import re
import time
from collections import Counter

import psycopg
import pytest

from tests.faults.conftest import BUSES
from tests.faults.readers import LIVE
from tests.load.processes import Processes
from tests.servers import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

READERS = 500
# In the period, every five seconds: one query for changes and access, and one for what is
# due, such as scheduled posts. Without a bus, changes are looked for twice a second.
MAX_QUERIES = {"database": 22, "postgres": 4, "redis": 4}
PERIOD = 9.5  # seconds, which two looks of the slowest bus fall into
QUIET = 4  # times that the numbers of queries have not changed
KIB = 1024
IMPATIENT = "tests.faults.asgi_impatient:application"
QUERY = re.compile(r"^(\w+)\|LOG:", re.MULTILINE)

LOG_STATEMENTS = [
    "ALTER SYSTEM SET log_line_prefix = '%a|'",
    "ALTER SYSTEM SET log_statement = 'all'",
    "SELECT pg_reload_conf()",
]
RESET = ["ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()"]
CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


@pytest.fixture
def administrator(postgres):
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as session:
        yield session


@pytest.fixture
def count_queries(postgres, administrator):
    """Count the queries so far by the application name of the process."""
    for statement in LOG_STATEMENTS:
        administrator.execute(statement)
    yield lambda: Counter(QUERY.findall(postgres.log.read_text()))
    for statement in RESET:
        administrator.execute(statement)


def test_f3_idle_readers_cost_a_few_queries_and_nobody_costs_none(
    use_bus, start_server, match_page, crowd_at, count_queries
):
    sites = [
        start_server(
            settings=use_bus(bus), variables={"PGAPPNAME": bus}, application=IMPATIENT
        )
        for bus in BUSES
    ]
    wait_until(lambda: len({threads_of(site) for site in sites}) == 1)  # all started
    idle = [threads_of(site) for site in sites]
    crowds = [crowd_at(site) for site in sites]
    for crowd in crowds:
        crowd.follow(match_page, LIVE, 30)
    wait_until_quiet(count_queries)  # the newcomers' queries are over
    queries = count_in_period(count_queries)
    assert min(queries[bus] for bus in BUSES) > 0
    for bus in BUSES:
        assert queries[bus] <= MAX_QUERIES[bus], queries
    for crowd in crowds:
        crowd.leave()
    wait_until(lambda: [threads_of(site) for site in sites] == idle)
    before = count_queries()
    time.sleep(1)
    assert count_queries() == before


def count_in_period(count_queries):
    """Return the queries in a period. If the machine made it so long that a third look may
    fall into it, there is another one."""
    for _ in range(5):
        before, started = count_queries(), time.monotonic()
        time.sleep(PERIOD)
        queries = count_queries() - before
        if time.monotonic() - started < PERIOD + 0.4:
            break
    return queries


def wait_until_quiet(count_queries):
    """Wait until nobody but the polling bus has asked the database for a second."""
    counts = []

    def is_quiet():
        now = count_queries()
        counts.append(tuple(now[bus] for bus in BUSES if bus != "database"))
        return len(counts) > QUIET and len(set(counts[-QUIET - 1 :])) == 1

    wait_until(is_quiet, interval=0.3)


def threads_of(site):
    return Processes(site.process.pid).threads


def use_of_processor(processes, seconds=3):
    used = processes.cpu_time
    time.sleep(seconds)
    return (processes.cpu_time - used) / (seconds * 1e9)


def test_n7_f_19_readers_wait_without_connections_and_threads(
    use_bus, start_server, match_page, crowd_at, administrator
):
    server = start_server(settings=use_bus("postgres"))
    crowd = crowd_at(server)
    processes = Processes(server.process.pid)
    crowd.follow(match_page, LIVE, 12)
    threads, memory = processes.threads, processes.resident
    audience = crowd.follow(match_page, LIVE, READERS)
    assert processes.threads <= threads
    assert (processes.resident - memory) / READERS < 100 * KIB
    (connections,) = administrator.execute(CLIENTS).fetchone()
    assert connections <= 20
    assert min(use_of_processor(processes) for _ in range(3)) < 0.05
    assert audience.count(lambda reader: reader.connects > 1) == 0
