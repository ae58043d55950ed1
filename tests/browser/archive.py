"""Tests that tests/contrib/questions/test_questions.py runs in a process with other settings:
readers open an archive from a folder, without a server."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import find_violations
from tests.contrib.archive.running import run
from tests.receivers.image_files import make_image
from wagtail_live import posts
from wagtail_live.images import add_image
from wagtail_live.permissions import SYSTEM

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def folder(match_page, tmp_path):
    channel = match_page.live_channel
    image = add_image(make_image(size=(900, 600)), "A red wall", name="red.jpg")
    for number in range(12):
        content = [("text", f"<p>The {number}th minute, and much happens.</p>")]
        if number == 1:
            content += [("image", image), ("embed", "https://example.com/watch?v=1")]
        values = {"title": f"Chance {number}", "is_key_event": number % 3 == 1}
        values |= {"created": START + timedelta(minutes=number), "author_name": "Ann"}
        made = posts.publish(channel, content, actor=SYSTEM, **values)
    posts.pin(channel, made, actor=SYSTEM)
    posts.summarise(channel, "<ul><li>They won.</li></ul>", actor=SYSTEM)
    posts.set_state(channel, "ended", actor=SYSTEM)
    _, err = run("live_archive", match_page.pk, tmp_path, "--posts-per-page", "8")
    assert "Missing" not in err
    return tmp_path


@pytest.mark.allow_console_errors  # axe asks for the stylesheets again
@pytest.mark.parametrize("width", [360, 1280])
def test_a_reader_opens_an_archive(new_window, folder, width):
    scheme = "dark" if width == 360 else "light"
    window = new_window(viewport={"width": width, "height": 800}, color_scheme=scheme)
    requests = []
    window.on("request", lambda request: requests.append(request.url))
    window.goto(f"file://{folder}/index.html")
    expect(window.get_by_role("heading", name="Match")).to_be_visible()
    expect(window.locator(".live-blog__state-name")).to_have_text("Ended")
    expect(window.locator(".live-blog__posts .live-post")).to_have_count(8)
    expect(window.get_by_role("button")).to_have_count(0)
    assert find_violations(window) == []
    window.locator(".live-blog__key-events").get_by_text("Chance 1", exact=True).click()
    post = window.locator(".live-blog__posts .live-post", has_text="The 1th minute")
    expect(post).to_be_in_viewport()
    picture = post.locator("img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    window.get_by_role("link", name="Later posts").click()
    expect(window.locator(".live-blog__posts .live-post")).to_have_count(8)
    assert window.evaluate("document.styleSheets.length") == 2
    assert not [url for url in requests if not url.startswith("file:")]
