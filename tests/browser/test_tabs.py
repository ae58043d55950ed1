"""The requests of tabs that are open, hidden or closed, to save battery and data."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import MINUTE, expect_posts, hide_tab, open_page, show_tab
from tests.servers import wait_until

FOLLOWING = ("/stream/", "/get-updates/", "/poll/")
SAVE_DATA = (
    "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
)


def is_following(request):
    return any(path in request.url for path in FOLLOWING)


def record_requests(window):
    requests = []
    window.on("request", lambda r: is_following(r) and requests.append(r.url))
    return requests


@pytest.fixture
def tabs(window, match_page):
    """Three tabs of one reader; the first one asks the server."""
    others = [window.context.new_page() for _ in range(2)]
    with window.expect_request(is_following):
        open_page(window, match_page)
    return [window, *(open_page(other, match_page) for other in others)]


def test_tabs_of_one_reader_share_a_connection(tabs, match_page):
    requests = [record_requests(tab) for tab in tabs]
    match_page.add_live_post("<p>Kick-off</p>")
    post = match_page.add_live_post("<p>Gaol</p>")
    match_page.update_live_post(post, content="<p>Goal</p>")
    expect_posts(tabs, "Goal", "Kick-off")
    assert requests == [[], [], []]


def test_another_tab_takes_over(tabs, match_page):
    first, *others = tabs
    match_page.add_live_post("<p>Kick-off</p>")
    expect_posts(tabs, "Kick-off")
    first.close()
    match_page.add_live_post("<p>Goal</p>")
    expect_posts(others, "Goal", "Kick-off")


def test_a_tab_that_comes_late_with_an_old_page_catches_up(tabs, match_page):
    window = tabs[0].context.new_page()
    old = tabs[0].request.get(match_page.url).text()
    match_page.add_live_post("<p>Kick-off</p>")
    expect_posts(tabs, "Kick-off")
    window.route(
        f"**{match_page.url}",
        lambda route: route.fulfill(body=old, content_type="text/html"),
    )
    open_page(window, match_page)
    expect_posts([window], "Kick-off")
    match_page.add_live_post("<p>Goal</p>")
    expect_posts([window, *tabs], "Goal", "Kick-off")


def test_each_tab_asks_for_itself_where_the_browser_can_not_share(window, match_page):
    tabs = [window, window.context.new_page()]
    for tab in tabs:
        tab.add_init_script("delete Navigator.prototype.locks")
        with tab.expect_request(is_following):
            open_page(tab, match_page)
    match_page.add_live_post("<p>Kick-off</p>")
    expect_posts(tabs, "Kick-off")


def test_a_hidden_tab_holds_no_connection_after_a_minute(window, match_page):
    window.clock.install()
    with window.expect_request(is_following):
        open_page(window, match_page)
    hide_tab(window)
    with window.expect_event("requestfailed", is_following):
        window.clock.fast_forward(MINUTE)
    requests = record_requests(window)
    match_page.add_live_post("<p>Kick-off</p>")
    match_page.add_live_post("<p>Goal</p>")
    window.clock.fast_forward(5 * MINUTE)
    expect_posts([window])
    assert requests == []
    show_tab(window)
    expect_posts([window], "Goal", "Kick-off")
    caught_up, *waiting = requests
    latest = f"last_update_ts={match_page.last_update_timestamp}&"
    assert latest not in caught_up
    assert all(latest in url for url in waiting)


def test_the_page_comes_back_out_of_the_browsers_history(window, match_page):
    open_page(window, match_page)
    match_page.add_live_post("<p>Kick-off</p>")
    expect_posts([window], "Kick-off")
    window.goto("/admin/login/")
    match_page.add_live_post("<p>Goal</p>")
    window.go_back()
    expect_posts([window], "Goal", "Kick-off")
    match_page.add_live_post("<p>Half-time</p>")
    expect_posts([window], "Half-time", "Goal", "Kick-off")


def test_browsers_that_save_data_poll_at_intervals(window, match_page):
    window.add_init_script(SAVE_DATA)
    with window.expect_request("**/poll/**"):
        open_page(window, match_page)


def test_updates_can_be_switched_off_by_the_server(
    start_server, new_window, match_page
):
    server = start_server(settings={"WAGTAIL_LIVE_ENABLED": False})
    window = new_window(base_url=server.url)
    window.clock.install()
    with window.expect_response(lambda response: response.status == 204):
        open_page(window, match_page)
    requests = record_requests(window)
    window.clock.fast_forward(60 * MINUTE)
    window.evaluate("new Promise(requestAnimationFrame)")
    assert requests == []


def test_readers_can_be_slowed_down_by_the_server(start_server, new_window, match_page):
    settings = {"WAGTAIL_LIVE_RETRY_AFTER": 30, "WAGTAIL_LIVE_POLLING_INTERVAL": 1000}
    server = start_server(settings=settings)
    window = new_window(base_url=server.url)
    window.add_init_script(SAVE_DATA)
    window.clock.install()
    with window.expect_response("**/poll/**") as first:
        open_page(window, match_page)
    assert first.value.headers["retry-after"] == "30"
    first.value.finished()
    requests = record_requests(window)
    window.clock.run_for(25_000)
    assert requests == []
    with window.expect_request("**/poll/**"):
        window.clock.run_for(10_000)


def test_an_invalid_response_is_retried(window, match_page):
    window.clock.install()
    rubbish = ["<h1>Proxy</h1>", '{"updates": 7', '{"updates": {"1": null}}']
    answers = iter(rubbish)

    def answer(route):
        body = next(answers, None)
        if body is None:
            route.continue_()
        else:
            route.fulfill(content_type="application/json", body=body)

    window.route("**/poll/**", answer)
    window.add_init_script(SAVE_DATA)
    open_page(window, match_page)
    match_page.add_live_post("<p>Kick-off</p>")
    shown = window.get_by_text("Kick-off")

    def a_minute_later():
        window.clock.run_for(MINUTE)  # the response to the last poll may still arrive
        return shown.count()

    assert wait_until(a_minute_later)
    assert next(answers, None) is None
    expect_posts([window], "Kick-off")


def test_the_element_can_come_later_twice_and_go(window, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    open_page(window, match_page)
    window.evaluate(
        """() => {
          const blog = document.querySelector("live-blog");
          const html = blog.outerHTML;
          blog.remove();
          document.body.insertAdjacentHTML("beforeend", html + html);
        }"""
    )
    match_page.add_live_post("<p>Goal</p>")
    expect_posts([window], "Goal", "Kick-off", "Goal", "Kick-off")
    with window.expect_event("requestfailed", is_following):
        window.evaluate(
            "document.querySelectorAll('live-blog').forEach(e => e.remove())"
        )
    expect(window.locator("live-blog")).to_have_count(0)


def test_a_site_receives_events_and_can_discard_an_update(window, match_page):
    post = match_page.add_live_post("<p>Kick-off</p>")
    open_page(window, match_page)
    window.evaluate(
        """() => {
          window.heard = [];
          for (const type of ["update", "post-added", "post-changed", "post-removed"]) {
            document.addEventListener(`live-blog:${type}`, (event) => {
              window.heard.push([type, event.detail.id]);
              if (window.isClosed) event.preventDefault();
            });
          }
        }"""
    )
    other = match_page.add_live_post("<p>Goal</p>")
    expect_posts([window], "Goal", "Kick-off")
    match_page.update_live_post(post, content="<p>Kick-off at noon</p>")
    expect_posts([window], "Goal", "Kick-off at noon")
    match_page.delete_live_post(other)
    expect_posts([window], "Kick-off at noon")
    heard = [tuple(entry) for entry in window.evaluate("window.heard") if entry[1]]
    assert heard == [
        ("post-added", str(other.pk)),
        ("post-changed", str(post.pk)),
        ("post-removed", str(other.pk)),
    ]
    window.evaluate("window.isClosed = true; window.heard.length = 0")
    match_page.add_live_post("<p>Secret</p>")
    window.wait_for_function("window.heard.length")
    expect_posts([window], "Kick-off at noon")
