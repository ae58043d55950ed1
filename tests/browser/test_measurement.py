"""Events tell a site what readers do, and parts come between posts."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import open_page, top_of
from tests.servers import Uvicorn
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

RECORD = """
window.told = [];
for (const name of ["reveal", "pause", "resume", "share", "permalink", "jump", "earlier",
                    "consent", "between", "unread"]) {
  document.addEventListener(`live-blog:${name}`, ({ detail, target }) => {
    window.told.push([name, detail, target.localName]);
  });
}
"""
KINDS = "[...document.querySelector('.live-blog__posts').children].map((child) => " + (
    "child.className.includes('between') ? '|' : child.innerText.match(/Minute \\d+/)?.[0])"
    ".filter(Boolean).join(' ').replaceAll('Minute ', '')"
)


def test_events_tell_what_readers_do(new_window, match_page):
    channel = match_page.live_channel
    numbers = range(52)
    made = [
        posts.publish(channel, f"Minute {n}", is_key_event=n == 20, actor=SYSTEM)
        for n in numbers
    ]
    key_event = made[20]
    window = new_window(permissions=["clipboard-read", "clipboard-write"])
    window.add_init_script(RECORD)
    open_page(window, match_page)
    window.locator(".live-blog__key-events a").click()
    match_page.add_live_post("Minute 53")
    window.get_by_role("button", name="1 new post").click()
    window.locator(".live-blog__jump").dispatch_event("click")  # only on phones
    window.get_by_role("button", name="Pause updates").click()
    window.get_by_role("button", name="Resume").click()
    window.get_by_role("button", name="Share").first.click()
    expect(window.get_by_role("button", name="Link copied")).to_be_visible()
    window.get_by_role("link", name="Earlier posts").click()
    expect(window.get_by_text("Minute 0", exact=True)).to_be_visible()
    window.evaluate("document.querySelector('live-blog').allowEmbeds()")
    window.evaluate("addEventListener('click', (event) => event.preventDefault())")
    window.locator(".live-post__permalink").first.click()
    told = window.evaluate("window.told")
    names = [name for name, *_ in told]
    assert [name for name in names if name != "unread"] == [
        *("jump", "reveal", "jump", "pause", "resume", "share", "earlier", "consent"),
        "permalink",
    ]
    jumps = [detail for name, detail, _ in told if name == "jump"]
    assert jumps == [{"to": "post", "id": str(key_event.pk)}, {"to": "latest"}]
    details = {name: detail for name, detail, _ in told}
    newest = str(match_page.live_posts.first().pk)
    assert details["permalink"]["id"] == details["share"]["id"] == newest
    assert details["share"]["method"] == "copy"
    assert details["share"]["url"] == details["permalink"]["url"]
    assert details["reveal"] == {"count": 1}
    assert details["earlier"]["count"] >= 2
    assert details["unread"] == {"count": 0}


@pytest.fixture
def window(new_window, start_server, match_page):
    for number in range(1, 8):
        match_page.add_live_post(f"<p>Minute {number}</p>" + "<p>and on</p>" * 30)
    server = start_server(Uvicorn, settings={"WAGTAIL_LIVE_BETWEEN_POSTS": 3})
    window = new_window(base_url=server.url)
    window.add_init_script(RECORD)
    return open_page(window, match_page)


def test_parts_stay_between_their_posts_and_never_near_another(window, match_page):
    def expect_row(row):
        window.wait_for_function(f"(row) => {KINDS} === row", arg=row)

    expect_row("7 | 6 5 4 | 3 2 1")
    part = window.locator(".live-blog__posts > .live-blog__between").nth(1)
    part.evaluate("part => part.scrollIntoView({ block: 'center' })")
    post = window.locator(f"#live-post-{find(match_page, 3)}")
    before = top_of(post)
    for number in range(8, 12):
        match_page.add_live_post(f"<p>Minute {number}</p>" + "<p>and on</p>" * 30)
    expect_row("11 10 | 9 8 7 | 6 5 4 | 3 2 1")
    assert window.evaluate("window.told.at(-1)")[0] in ("between", "unread")
    gone = match_page.live_posts.last()
    match_page.delete_live_post(gone)
    expect_row("11 10 | 9 8 7 | 6 5 4 | 3 2")
    assert top_of(post) == pytest.approx(before, abs=1)
    window.get_by_role("button", name="Oldest first").click()
    expect_row("2 3 | 4 5 6 | 7 8 9 | 10 11")
    window.get_by_role("button", name="Oldest first").click()
    # The posts between two parts become few: a part moves on until there is a screen between.
    for number in (4, 5, 6):
        page_post = match_page.live_posts.get(pk=find(match_page, number))
        match_page.update_live_post(page_post, content=f"<p>Minute {number}</p>")
    match_page.add_live_post("<p>Minute 12</p>")
    expect_row("12 11 10 | 9 8 7 | 6 5 4 3 | 2")


def find(page, number):
    return next(
        post.pk
        for post in page.live_posts
        if f"Minute {number}" in post.text.split("and")[0]
    )
