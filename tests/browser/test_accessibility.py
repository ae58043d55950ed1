"""axe finds no problem on the reader's page, in any of its states."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from playwright.sync_api import expect
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.models import Embed

from tests.browser.reading import expect_posts, go_offline, open_page
from tests.receivers.image_files import make_image
from wagtail_live import posts
from wagtail_live.blocks.embeds import get_card_hash
from wagtail_live.images import add_image
from wagtail_live.models import ChannelState, PostAuthor
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

SCREENS = [
    {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    for width in (360, 1280)
    for scheme in ("light", "dark")
]
DARK = "@media (prefers-color-scheme: dark) { html { background: #121417; color: #eee } a { color: #9cf } }"


def assert_accessible(window):
    window.add_style_tag(content=f":root {{ color-scheme: light dark }} {DARK}")
    assert find_violations(window) == []


def find_violations(window):
    window.evaluate("document.getAnimations().forEach((a) => a.cancel())")
    results = Axe().run(window, options={"resultTypes": ["violations"]})
    return [
        (violation["id"], node["html"], node["failureSummary"])
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def make_blocks():
    """Return the content of posts with all blocks, twice, and as few words as they need."""
    embed, card = "https://elsewhere.example/1", "https://elsewhere.example/2"
    Embed.objects.create(
        url=embed,
        hash=get_embed_hash(embed),
        type="rich",
        html='<iframe srcdoc="Goal" title="Goal"></iframe>',
    )
    Embed.objects.create(
        url=card,
        hash=get_card_hash(card),
        type="link",
        title="Reds win",
        provider_name="Example News",
    )
    image = add_image(make_image(size=(500, 400)), "Photo")
    image.contextual_alt_text = ""
    rows = {"rows": [["Team", *range(15)], ["Reds", *range(15)]]}
    blocks = [
        ("image", image),
        ("gallery", [image, image]),
        ("embed", embed),
        ("embed", card),
        ("embed", "https://elsewhere.example/3"),
        ("table", rows),
        ("quote", {"quote": "We won.", "name": "Ada", "role": "Captain"}),
        ("sponsored", {"sponsor": "Bank", "link": "https://bank.example/"}),
    ]
    return [[block] for block in blocks] + [blocks]


@pytest.fixture
def busy_page(match_page):
    """A page with everything that a page can contain."""
    channel = match_page.live_channel
    for number in range(60):
        posts.publish(
            channel,
            f"<p>Minute {number}, and a <a href='https://example.com/'>link</a></p>",
            title=f"Event {number}",
            author_name="Ada Reporter",
            is_key_event=number % 20 == 0,
            actor=SYSTEM,
        )
    for content in make_blocks():
        posts.publish(channel, content, is_key_event=True, actor=SYSTEM)
    post = channel.posts.get(title="Event 0")
    posts.edit(channel, post, content="<p>Corrected</p>", actor=SYSTEM)
    coverage.pin(channel, post, actor=SYSTEM)
    coverage.summarise(channel, "<ul><li>One</li><li>Two</li></ul>", actor=SYSTEM)
    return match_page


@pytest.mark.parametrize(
    "screen", SCREENS, ids=lambda s: f"{s['viewport']['width']}-{s['color_scheme']}"
)
def test_a_busy_page(new_window, busy_page, screen):
    window = open_page(new_window(**screen), busy_page)
    window.evaluate("window.scrollTo(0, 3000)")
    posts.publish(busy_page.live_channel, "<p>News</p>", actor=SYSTEM)
    expect(window.locator(".live-blog__news")).to_be_visible()
    assert_accessible(window)


def get_profiles(users):
    """The setting of the site of the next test."""
    return {user.pk: {"role": "Science reporter", "url": "/ada/"} for user in users}


BLOCKS = [
    ("sponsored", {"sponsor": "A roaster", "link": "https://example.com/"}),
    ("text", "<p>Text with a <a href='https://example.com/'>link</a></p>"),
    ("quote", {"quote": "We won", "name": "Ann", "role": "captain"}),
    ("table", {"caption": "Table", "rows": [["Team", "Points"], ["Reds", "7"]]}),
]


def test_small_print_has_enough_contrast_everywhere(
    start_server, new_window, match_page, reporter, media_root
):
    """Roles, credits, corrections and marks, in both themes, also in the pinned post."""
    image = add_image(make_image(size=(500, 400)), "Ball")
    image.live_caption, image.live_credit = "The ball", "Ada"
    channel = match_page.live_channel
    post = posts.publish(
        channel,
        [*BLOCKS, ("image", image), ("gallery", [image, image])],
        title="Lift-off",
        author=reporter,
        author_name="Ada",
        coauthors=[PostAuthor("Bo", reporter)],
        is_key_event=True,
        actor=SYSTEM,
    )
    posts.edit(channel, post, correction="The first figure was wrong.", actor=SYSTEM)
    coverage.pin(channel, post, actor=SYSTEM)
    profiles = {"WAGTAIL_LIVE_AUTHOR_PROFILES": f"{__name__}.get_profiles"}
    server = start_server(settings=profiles)
    for screen in SCREENS:
        window = new_window(base_url=server.url, **screen)
        open_page(window, match_page)
        role = window.locator(".live-blog__posts .live-post__job").first
        expect(role).to_have_text("Science reporter")
        assert_accessible(window)
        window.evaluate("document.querySelector('.live-blog__pinned').remove()")
        assert_accessible(window)
        window.context.close()


@pytest.mark.parametrize("state", ChannelState.values)
def test_each_state(window, match_page, state):
    coverage.set_state(match_page.live_channel, state, actor=SYSTEM)
    assert_accessible(open_page(window, match_page))


def test_a_withdrawn_post(window, match_page):
    post = match_page.add_live_post("<p>Goal</p>")
    open_page(window, match_page)
    window.get_by_role("button", name="Share").focus()
    match_page.delete_live_post(post)
    expect(window.get_by_text("This post was withdrawn.")).to_be_visible()
    assert_accessible(window)


@pytest.mark.allow_console_errors
def test_a_page_that_is_offline(window, match_page):
    match_page.add_live_post("<p>Goal</p>")
    open_page(window, match_page)
    go_offline(window)
    expect(window.get_by_text("You are offline.")).to_be_visible()
    assert_accessible(window)


def test_a_permalink_and_a_link_to_what_is_gone(window, busy_page):
    post, gone = busy_page.live_posts[30:32]
    assert_accessible(open_page(window, busy_page, f"?post={post.pk}"))
    busy_page.delete_live_post(gone)
    assert_accessible(open_page(window, busy_page, f"?post={gone.pk}"))


def test_arabic_is_read_from_the_right(start_server, new_window, match_page):
    with translation.override("ar"):
        live = str(ChannelState.LIVE.label)
    match_page.add_live_post("<p>هدف</p>")
    server = start_server(settings={"LANGUAGE_CODE": "ar"})
    window = open_page(new_window(base_url=server.url, locale="ar"), match_page)
    expect(window.get_by_text(live, exact=True)).to_be_visible()
    expect(window.locator("live-blog")).to_have_css("direction", "rtl")
    pinned = window.locator(".live-post__time").bounding_box()
    share = window.locator(".live-post__share").bounding_box()
    assert share["x"] < pinned["x"]
    expect_posts([window], "هدف")
    assert_accessible(window)


def test_everything_is_reached_by_keyboard(window, busy_page):
    open_page(window, busy_page)
    reached = set()
    for _ in range(40):
        window.keyboard.press("Tab")
        reached.add(
            window.evaluate(
                "document.activeElement.dataset.action ?? document.activeElement.tagName"
            )
        )
    assert {"key", "pause", "order", "share", "A"} <= reached
