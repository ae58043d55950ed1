"""“A reporter is writing…” and the number of readers, on the reader's page and the desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, assert_accessible
from tests.browser.reading import LAYOUT_SHIFTS, assert_not_reloaded, open_page
from tests.parallel import rest_nightly
from tests.servers import Gunicorn, Uvicorn
from wagtail_live.models import DeskPresence

pytestmark = pytest.mark.slow

SETTINGS = {
    "WAGTAIL_LIVE_SHOW_WRITING": True,
    "WAGTAIL_LIVE_COUNT_READERS": True,
    "WAGTAIL_LIVE_MIN_READERS": 2,
}
WSGI = Gunicorn, "--worker-class", "gthread", "--threads", "4"
WRITING = "A reporter is writing…"


@pytest.mark.parametrize(
    "server", rest_nightly([(Uvicorn,), WSGI]), ids=["stream", "polls"]
)
def test_readers_see_that_a_post_is_written_and_how_many_they_are(
    start_server, new_window, reporter, match_page, server
):
    match_page.add_live_post("<p>Kick-off</p>")
    options = {"base_url": start_server(*server, settings=SETTINGS).url}
    readers = [new_window(**options), new_window(**options)]
    asked = []
    readers[0].on("request", lambda request: asked.append(request.url))
    for reader in readers:
        reader.add_init_script(LAYOUT_SHIFTS)
        open_page(reader, match_page)
        expect(reader.get_by_text(WRITING)).to_be_hidden()
        reader.evaluate("layoutShifts.length = 0")
    for reader in readers:
        expect(reader.get_by_text("2 readers")).to_be_visible()
    before = len([url for url in asked if "/activity/" in url])
    desk = Desk(new_window(reporter, **options), match_page)
    expect(desk.window.get_by_text("2 readers")).to_be_visible()
    desk.editor.press_sequentially("A secret")
    for reader in readers:
        expect(reader.get_by_text(WRITING)).to_be_visible()
        assert reader.evaluate("layoutShifts") == []
    if server == (Uvicorn,):  # the stream has told it
        assert len([url for url in asked if "/activity/" in url]) == before
    assert_accessible(desk.window)
    answer = readers[0].request.get(
        options["base_url"] + f"/wagtail_live/activity/{match_page.channel_id}/"
    )
    assert answer.json() == {"writing": True, "readers": 2}
    desk.window.keyboard.press("Control+Enter")
    for reader in readers:
        expect(reader.get_by_text(WRITING)).to_be_hidden()
        expect(reader.get_by_text("A secret")).to_be_visible()
    assert_not_reloaded(readers)


def test_a_page_without_these_settings_asks_and_tells_nothing(reader, desk, match_page):
    asked = []
    for window in (reader, desk.window):
        window.on("request", lambda request: asked.append(request.url))
        window.reload()
    desk.publish("A word")
    assert reader.locator(".live-blog__activity").count() == 0
    assert not [url for url in asked if "activity" in url]
    assert not DeskPresence.objects.exclude(wrote_at=None).exists()
