"""The way to the desk, and its connections, on phones and laptops."""

import pytest
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.admin.desk.requests import url
from tests.admin.test_listing import add_match
from tests.browser.test_accessibility import find_violations
from tests.parallel import rest_nightly
from wagtail_live.api.models import ApiToken
from wagtail_live.desks.people import update_presence
from wagtail_live.models import ChannelState, Source, UnconnectedSource
from wagtail_live.webhooks.models import WebhookEndpoint

SCREENS = {
    "laptop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
    "arabic": {"viewport": {"width": 360, "height": 740}, "locale": "ar"},
    "forced-colors": {"forced_colors": "active"},
}
RECEIVERS = {
    name: {
        "BACKEND": f"wagtail_live.receivers.{name}.{name.title()}Receiver",
        "OPTIONS": {"signing_secret": "s", "secret_token": "s", "bot_token": "b"},
    }
    for name in ("slack", "telegram")
}


@pytest.fixture
def final(home_page, reporter, colleague):
    page = add_match(home_page, "Final: Reds – Blues", ChannelState.LIVE, waiting=2)
    page.add_live_post("<p>Goal!</p>")
    channel = page.live_channel
    update_presence(channel, colleague, None)
    Source.objects.create(receiver="slack", external_id="C0123456789", channel=channel)
    UnconnectedSource.objects.create(
        receiver="telegram",
        external_id="-1001234567890",
        count=3,
        last_seen_at=channel.last_updated_at,
    )
    ApiToken.objects.issue([channel], name="Ticker", created_by=reporter)
    WebhookEndpoint.objects.create(
        channel=channel, name="Push", url=f"https://push.example/{'long' * 40}"
    )
    return page


def assert_fits(window):
    """axe finds no problem, and nothing is wider than the screen."""
    assert find_violations(window) == []
    main = window.locator("main")
    width = main.evaluate("(main) => main.scrollWidth - main.clientWidth")
    assert width <= 0


@pytest.mark.parametrize("screen", rest_nightly(SCREENS))
def test_the_pages_are_accessible(start_server, new_window, reporter, final, screen):
    profile = UserProfile.get_for_user(reporter)
    profile.preferred_language = "ar" if screen == "arabic" else "en"
    profile.save()
    server = start_server(settings={"WAGTAIL_LIVE_RECEIVERS": RECEIVERS})
    window = new_window(reporter, base_url=server.url, **SCREENS[screen])
    for path in (
        "/admin/",
        "/admin/live/?state=live&waiting=yes",
        url("connections", final),
        url("add_source", final),
        f"{url('add_source', final)}?receiver=slack",
    ):
        window.goto(path)
        expect(window.locator("main")).to_be_visible()
        assert_fits(window)


def test_a_reporter_is_led_to_the_desk_and_to_a_source(
    start_server, new_window, reporter, final, home_page
):
    server = start_server(settings={"WAGTAIL_LIVE_RECEIVERS": RECEIVERS})
    window = new_window(reporter, base_url=server.url)
    window.goto(f"/admin/pages/add/testapp/matchpage/{home_page.pk}/")
    window.locator("[name=title]").fill("Semi-final")
    window.locator("[name=slug]").evaluate("(slug) => { slug.value = 'semi-final' }")
    window.get_by_role("button", name="More actions").click()
    window.get_by_role("button", name="Publish").click()
    window.get_by_role("link", name="Open live desk").click()
    window.get_by_role("link", name="Connections").click()
    window.get_by_role("link", name="Connect", exact=True).click()
    window.get_by_label("Label").fill("Stadium")
    window.get_by_role("button", name="Save").click()
    row = window.get_by_role("row").filter(has_text="Stadium")
    expect(row).to_contain_text("None yet. Send one to test the connection.")
    window.goto("/admin/")
    panel = window.locator("#live-pages-section")
    expect(panel).to_contain_text("2 posts awaiting review")
    panel.get_by_role("link", name="Final: Reds – Blues").click()
    expect(window.locator("article.live-desk__post").first).to_be_visible()
