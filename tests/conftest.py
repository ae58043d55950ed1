"""The site and the servers of the tests, and the rules for all tests."""

import gc
import inspect
import math
import os
import signal
from collections import Counter
from contextlib import ExitStack

import httpx
import pytest
from django.contrib.auth.models import Group
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import TransactionTestCase, override_settings
from django.urls import set_script_prefix
from hypothesis import HealthCheck, settings
from wagtail.models import Site

from tests.initial_rows import InitialRows
from tests.migrated import MigratedDatabase
from tests.servers import (
    MariaDB,
    MissingProgram,
    Postgres,
    Redis,
    Server,
    Uvicorn,
    database_url,
)
from tests.testapp.models import AuthorPage, MatchPage
from wagtail_live import background, frontend_cache, search
from wagtail_live.background import later, threads
from wagtail_live.bus import redis
from wagtail_live.delivery import hub
from wagtail_live.delivery.hub import close_hub
from wagtail_live.engines import publishing
from wagtail_live.housekeeping import housekeeper

pytest_plugins = ["tests.parallel"]
PATIENCE = 60.0  # seconds in which a busy machine responds
VENDORS = {"postgres": "postgresql", "sqlite": "sqlite"}  # by mark
SERVERS = {"postgresql": (Postgres, "postgres"), "mysql": (MariaDB, "root")}


def pytest_configure(config):
    # Without this a SIGTERM would leave the servers behind.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))
    # An example may take as long as it takes on a busy machine.
    patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("patient", settings(), **patient)
    settings.load_profile("patient")
    # The same holds for responses: one object has the timeouts of all functions of httpx.
    patience = inspect.signature(httpx.get).parameters["timeout"].default
    for step in ("connect", "read", "write", "pool"):
        setattr(patience, step, PATIENCE)
    # The tests and the apps are hundreds of thousands of objects, which stay.
    gc.set_threshold(50_000, 50, 100)


def pytest_collection_finish():
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    elsewhere = [item for item in items if runs_on_another_database(item)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]
    for item in items:
        restore_by_sql_after(item)


def runs_on_another_database(item):
    wanted = [
        vendor for mark, vendor in VENDORS.items() if item.get_closest_marker(mark)
    ]
    return wanted and connection.vendor not in wanted


def restore_by_sql_after(item):
    """Keep Django from sending the signals of ``migrate`` after a test that commits.

    Fixture ``django_db_setup`` restores what they would create.
    """
    if commits(item):
        marker = item.get_closest_marker("django_db")
        options = {**(marker.kwargs if marker else {}), "transaction": True}
        options["serialized_rollback"] = True
        item.add_marker(pytest.mark.django_db(**options), append=False)


def commits(item):
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction")
    return is_marked or "transactional_db" in item.fixturenames


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    if not commits(item):
        # Its thread would wait for the transaction of the test, and keep SQLite locked.
        housekeeper._next_look = math.inf
    try:
        return (yield)
    except MissingProgram as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    is_published = publishing.wait(20)
    close_hub()  # it would look after the channel for some seconds
    housekeeper._thread.wait(20)
    housekeeper.reset()
    is_done = threads.wait(20)  # they ask the database that is cleared next
    threads._jobs.clear()  # such as the retry of a webhook in five seconds
    frontend_cache._waiting.clear()
    result = yield
    set_script_prefix("/")  # the path of requests would be in the mails of later tests
    background.forget_script_name()
    assert is_done, "a background job is still running"
    assert is_published, "the push engine has not taken an update"
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for server in Server.in_use:
            report.sections.append((f"End of the log of {server}", server.last_lines()))
    return report


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in skipped
    )
    if reasons:
        terminalreporter.section("NOT TESTED HERE", sep="!", red=True, bold=True)
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} not run: {reason}", red=True)


@pytest.fixture(scope="session")
def database_server(migrated_database):
    """The database server of these tests; ``None`` on SQLite, and if it is not ours."""
    if migrated_database is None or connection.vendor == "sqlite":
        yield None
        return
    server_class, user = SERVERS[connection.vendor]
    with server_class(migrated_database.find()) as server:
        connection.settings_dict.update(HOST="127.0.0.1", PORT=server.port, USER=user)
        yield server


@pytest.fixture(scope="session")
def migrated_database(request):
    """The database that processes share; ``None`` if the server is not ours."""
    if connection.settings_dict["HOST"]:
        return None
    server_class, _ = SERVERS.get(connection.vendor, (None, None))
    return MigratedDatabase(request.config.cache.mkdir("migrated"), server_class)


@pytest.fixture(scope="session")
def django_db_keepdb(migrated_database):
    return migrated_database is not None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server, migrated_database, tmp_path_factory):
    """Put the test database on SQLite in a file that servers can open, too."""
    if connection.vendor == "sqlite":
        database = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(database)
        migrated_database.copy_to(database)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup, django_db_blocker, migrated_database, database_server
):
    """Restore the rows that migrations created after each test that commits.

    Django would do so before the next such test, and save them one by one.
    """
    clear = TransactionTestCase._fixture_teardown
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        if migrated_database:
            migrated_database.keep(connection, database_server)
        rows = InitialRows(connection)

        def clear_and_restore(test_case):
            clear(test_case)
            rows.restore()

        patch.setattr(TransactionTestCase, "_fixture_teardown", clear_and_restore)
        patch.setattr(connection.creation, "deserialize_db_from_string", ignore)
        yield


def ignore(serialized):
    pass


@pytest.fixture(scope="session", autouse=True)
def patience():
    """A busy machine may take longer for the hub's first look at a channel than readers
    wait for it, and Redis longer for a message than writers. A test of a database that is
    unavailable sets a time of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub, "FIRST_LOOK_TIMEOUT", PATIENCE)
        patch.setattr(redis, "TIMEOUT", PATIENCE)
        yield


@pytest.fixture
def postgres(database_server, django_db_setup):
    """The PostgreSQL server under the test database, to stop or kill."""
    if database_server is None:
        pytest.skip("the database server that was given is not ours to stop")
    yield database_server
    if not database_server.is_running:
        database_server.start()
    connection.close()


@pytest.fixture
def redis_server():
    with Redis() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def media_root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    with (
        override_settings(MEDIA_ROOT=str(folder)),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("TEST_MEDIA_ROOT", str(folder))  # of processes that tests start
        yield folder


@pytest.fixture(scope="session")
def site_variables(django_db_setup, media_root):
    """The environment of a server that uses the database of the test process."""
    return {
        "TEST_DATABASE_URL": database_url(connection.settings_dict),
        "TEST_MEDIA_ROOT": str(media_root),
    }


@pytest.fixture(scope="session")
def shared_site_server(site_variables):
    with Uvicorn(site_variables) as server:
        yield server


@pytest.fixture
def shared_database(transactional_db, monkeypatch):
    """The database of servers, which may write at the same time as the test.

    SQLite refuses a transaction that reads first when another one has written since.
    """
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        own = connections[DEFAULT_DB_ALIAS]
        monkeypatch.setattr(own, "transaction_mode", "IMMEDIATE")


@pytest.fixture
def site_server(shared_database, shared_site_server):
    """The site under uvicorn, shared by all tests that don't stop or change it."""
    return shared_site_server


@pytest.fixture
def start_server(shared_database, site_variables):
    """Start servers for this test only: ``start_server(Gunicorn, settings={…})``."""
    with ExitStack() as servers:

        def start(server_class=Uvicorn, *arguments, variables=(), **options):
            variables = {**site_variables, **dict(variables)}
            server = server_class(variables, *arguments, **options)
            return servers.enter_context(server)

        yield start


@pytest.fixture(autouse=True)
def index_at_once(request, monkeypatch):
    """Index in the test's own thread: SQLite would refuse one of two that write."""
    if request.node.get_closest_marker("real_threads"):
        return

    def index_now(job, *given, **options):
        if getattr(job, "func", job).__module__ == search.__name__:
            job(*given)
        else:
            later(job, *given, **options)

    for module in (background, search):
        monkeypatch.setattr(module, "later", index_now)
    monkeypatch.setattr(search.indexer, "start", lambda job: job())


@pytest.fixture
def home_page(db):
    return Site.objects.get(is_default_site=True).root_page.specific


@pytest.fixture
def match_page(home_page):
    return home_page.add_child(instance=MatchPage(title="Match", slug="match"))


@pytest.fixture
def author_model(settings):
    """The authors of posts are pages of the site."""
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = "testapp.AuthorPage"
    settings.WAGTAIL_LIVE_AUTHOR_PROFILES = "tests.testapp.authors.get_profiles"


@pytest.fixture
def ida(home_page):
    """The page of an author."""
    page = AuthorPage(title="Ida Olsen", job="Science editor")
    return home_page.add_child(instance=page)


@pytest.fixture
def page_below_alias(home_page, match_page):
    """A live page below an alias, as in a tree that is translated in part."""
    alias = match_page.create_alias(parent=home_page, update_slug="alias")
    return alias.add_child(instance=MatchPage(title="Below", slug="below"))


@pytest.fixture
def reporter(db, django_user_model):
    """A user who may write and publish every page, but is not a superuser."""
    user = django_user_model.objects.create_user("reporter", password="password")
    user.groups.add(Group.objects.get(name="Moderators"))
    return user
