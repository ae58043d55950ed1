"""A long match: many updates, old pages, and a browser that must not grow."""

import pytest

from tests.browser.reading import (
    LAYOUT_SHIFTS,
    MINUTE,
    expect_posts_of,
    go_offline,
    open_page,
    top_of,
)
from tests.parallel import rest_nightly
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM


def play(page, number, written):
    """One update of a busy match: mostly posts, some edits, some withdrawals."""
    if number % 5 == 3:
        page.update_live_post(written[-1], content=f"<p>Corrected {number}</p>")
    elif number % 7 == 6:
        page.delete_live_post(written.pop(len(written) // 2))
    else:
        written.append(page.add_live_post(f"<p>Minute {number}</p>"))


@pytest.mark.slow
@pytest.mark.parametrize("width", rest_nightly([360, 1280]))
def test_five_updates_a_second_for_half_a_minute(new_window, match_page, width):
    window = new_window(viewport={"width": width, "height": 800})
    window.add_init_script(LAYOUT_SHIFTS)
    written = [match_page.add_live_post(f"<p>Before {n}</p>") for n in range(30)]
    anchor = written[10]
    open_page(window, match_page)
    post = window.locator(f"#live-post-{anchor.pk}")
    post.evaluate("post => post.scrollIntoView()")
    window.evaluate("window.layoutShifts.length = 0")
    before = top_of(post)
    played = written[20:]
    for number in range(150):
        play(match_page, number, played)
        window.wait_for_timeout(200)  # the pace of the match, not a wait for an effect
    assert abs(top_of(post) - before) < 0.5
    assert window.evaluate("window.layoutShifts") == []
    expect_posts_of(window, match_page)


@pytest.mark.slow
@pytest.mark.nightly
def test_the_browser_does_not_grow_with_the_updates(window, match_page):
    def heap():
        session.send("HeapProfiler.collectGarbage")
        usage = session.send("Runtime.getHeapUsage")["usedSize"]
        nodes = session.send("Memory.getDOMCounters")["nodes"]
        return usage, nodes

    def publish(how_many):
        for number in range(how_many):
            post = posts.publish(
                match_page.live_channel, f"<p>Minute {number}</p>", actor=SYSTEM
            )
        window.locator(f"#live-post-{post.pk}").wait_for(timeout=MINUTE)

    session = window.context.new_cdp_session(window)
    open_page(window, match_page)
    publish(300)
    usage, nodes = heap()
    publish(900)
    later_usage, later_nodes = heap()
    expect_posts_of(window, match_page)
    assert window.locator("[data-post-id]").count() == 100
    assert later_nodes < nodes * 1.05
    assert later_usage < usage * 1.15


@pytest.mark.slow
@pytest.mark.allow_console_errors
def test_a_page_left_open_while_500_posts_arrive(window, match_page):
    open_page(window, match_page)
    go_offline(window)
    for number in range(500):
        match_page.add_live_post(f"<p>Minute {number}</p>")
    window.context.set_offline(False)
    expect_posts_of(window, match_page)
    # More than a server remembers: the newest page, and the link to the earlier ones.
    assert window.locator("[data-post-id]").count() == 50
    assert window.locator(".live-blog__earlier").is_visible()


def test_a_page_out_of_a_cache_of_a_minute_ago(window, match_page):
    written = [match_page.add_live_post(f"<p>Before {n}</p>") for n in range(10)]
    old = window.request.get(match_page.url).text()
    for number in range(30):
        play(match_page, number, written)
    window.route(
        f"**{match_page.url}",
        lambda route: route.fulfill(body=old, content_type="text/html"),
    )
    open_page(window, match_page)
    expect_posts_of(window, match_page)
    assert window.locator("[data-post-id]").count() == match_page.live_posts.count()


def test_a_frozen_tab_goes_on_when_it_thaws(window, match_page):
    open_page(window, match_page)
    session = window.context.new_cdp_session(window)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    for number in range(5):
        match_page.add_live_post(f"<p>Minute {number}</p>")
    session.send("Page.setWebLifecycleState", {"state": "active"})
    expect_posts_of(window, match_page)
