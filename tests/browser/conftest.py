"""Browser tests: the system's Chromium, driven by Playwright."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from tests.browser.desk import Desk
from tests.browser.reading import open_page
from tests.servers import find_program
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

HERE = Path(__file__).parent
PATIENCE = 60_000  # milliseconds that a busy machine may take, for any step
FULL_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """Fail a test whose pages log errors; take screenshots of a failed test's pages."""
    try:
        result = yield
        if not pyfuncitem.get_closest_marker("allow_console_errors"):
            errors = pyfuncitem.funcargs.get("console_errors")
            assert not errors, "the page logged errors:\n" + "\n".join(errors)
    except (Exception, pytest.fail.Exception):
        for screenshot in take_screenshots(**pyfuncitem.funcargs):
            pyfuncitem.add_report_section("call", "screenshot", str(screenshot))
        raise
    return result


def take_screenshots(windows=(), tmp_path=None, **others):
    for number, window in enumerate(windows, start=1):
        if not window.is_closed():
            screenshot = tmp_path / f"window-{number}.png"
            window.screenshot(path=screenshot, full_page=True)
            yield screenshot


@pytest.fixture(scope="session")
def browser_programs():
    # The shell has no windows of its own to draw, and takes half the processor time.
    return "chromium-headless-shell", *FULL_BROWSERS


@pytest.fixture(scope="session")
def browser(django_db_setup, browser_programs):
    program = find_program(*browser_programs)
    expect.set_options(timeout=PATIENCE)
    database = connections[DEFAULT_DB_ALIAS]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Django keeps other connections for an event loop, such as the driver's. This
        # one knows the rows that each test starts with.
        connections[DEFAULT_DB_ALIAS] = database
        # The driver's event loop counts as running while a test uses the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def windows(tmp_path):
    """The windows that this test opened."""
    return []


@pytest.fixture
def console_errors():
    """The errors that the pages of this test logged or did not catch."""
    return []


@pytest.fixture
def new_window(browser, site_server, windows, console_errors):
    """Open a window of another visitor, with its own cookies.

    ``user`` is signed in; the other options are those of Playwright's
    ``new_context``. Paths are those of the shared site, if no ``base_url`` is given.
    """

    def log_error(message):
        if message.type == "error":
            console_errors.append(f"{message.text} ({message.location['url']})")

    def open_window(user=None, **options):
        options.setdefault("base_url", site_server.url)
        # Drawing what moves would take most of the processor time of the tests.
        options.setdefault("reduced_motion", "reduce")
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        if user:
            context.add_cookies([session_cookie(user, options["base_url"])])
        context.on("console", log_error)
        context.on("weberror", lambda error: console_errors.append(str(error.error)))
        windows.append(context.new_page())
        return windows[-1]

    yield open_window
    for window in windows:
        window.context.close()


def session_cookie(user, url):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


@pytest.fixture
def window(new_window):
    """The window of an anonymous visitor."""
    return new_window()


@pytest.fixture
def colleague(django_user_model, reporter):
    user = django_user_model.objects.create_user("colleague", password="password")
    user.groups.set(reporter.groups.all())
    return user


@pytest.fixture
def desk(new_window, reporter, match_page):
    return Desk(new_window(reporter), match_page)


@pytest.fixture
def busy_page(match_page):
    """A live page with posts of each kind."""
    channel = match_page.live_channel
    goal = posts.publish(
        channel, "<p>Goal</p>", title="1–0", is_key_event=True, actor=SYSTEM
    )
    posts.publish(channel, "<p>A draft</p>", show=False, actor=SYSTEM)
    posts.publish(
        channel, "<p>To be checked</p>", show=False, submitted=True, actor=SYSTEM
    )
    posts.hide(
        channel, posts.publish(channel, "<p>Hidden</p>", actor=SYSTEM), actor=SYSTEM
    )
    coverage.pin(channel, goal, actor=SYSTEM)
    coverage.summarise(channel, "<p>Reds lead</p>", actor=SYSTEM)
    return match_page


@pytest.fixture
def other(new_window, colleague, match_page):
    """The desk of a colleague."""
    return Desk(new_window(colleague), match_page)


@pytest.fixture
def reader(new_window, match_page):
    return open_page(new_window(), match_page)
