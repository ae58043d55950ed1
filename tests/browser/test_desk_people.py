"""Authors from the site's author model on the desk: their roles, order and pictures."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, assert_accessible
from tests.browser.test_desk_author import (
    SCREENS,
    choose,
    field,
    name_user,
    newest,
)
from tests.parallel import rest_nightly
from tests.receivers.image_files import make_image
from tests.testapp.models import AuthorPage
from wagtail_live.images import add_image

pytestmark = pytest.mark.slow

SETTINGS = {
    "WAGTAIL_LIVE_AUTHOR_MODEL": "testapp.AuthorPage",
    "WAGTAIL_LIVE_AUTHOR_PROFILES": "tests.testapp.authors.get_profiles",
}


@pytest.fixture
def site(start_server, settings):
    for name, value in SETTINGS.items():
        setattr(settings, name, value)
    return start_server(settings=SETTINGS)


@pytest.fixture
def ida(home_page):
    portrait = add_image(make_image(), "Ida", name="ida.jpg")
    page = AuthorPage(title="Ida Olsen", job="Science editor", portrait=portrait)
    return home_page.add_child(instance=page)


@pytest.fixture
def ann(reporter):
    return name_user(reporter, "Ann", "Smith")


@pytest.mark.parametrize("screen", rest_nightly(SCREENS))
def test_an_editor_names_people_with_roles_in_order(
    new_window, site, ann, ida, match_page, screen
):
    window = new_window(ann, base_url=site.url, **screen)
    desk = Desk(window, match_page)
    search = choose(desk, "olsen", button="Add author")
    option = field(desk).get_by_role("option").filter(has_text="Ida Olsen")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(option).to_contain_text("Science editor")
    expect(option.locator("img")).to_be_visible()
    search.press("Enter")
    expect(field(desk).get_by_role("listitem")).to_have_count(2)
    button = field(desk).get_by_role("button", name="Role of Ann Smith")
    button.press("Enter")
    role = field(desk).get_by_role("textbox", name="Role of Ann Smith")
    expect(role).to_be_focused()
    role.press_sequentially("Photos")
    assert_accessible(window)
    role.press("Enter")  # sends nothing
    expect(desk.posts).to_have_count(0)
    up = field(desk).get_by_role("button", name="Move Ida Olsen up")
    up.press("Enter")
    first, second = field(desk).get_by_role("listitem").all()
    expect(first).to_contain_text("Ida Olsen")
    expect(second.get_by_role("textbox")).to_have_value("Photos")
    expect(first.get_by_role("button", name="Remove Ida Olsen")).to_be_focused()
    expect(window.locator(".live-desk__status")).to_contain_text("Ida Olsen, Ann Smith")
    assert_accessible(window)
    width = window.evaluate("document.documentElement.scrollWidth")
    assert width <= screen["viewport"]["width"]
    desk.editor.click()
    desk.publish("Goal")
    authors = newest().authors
    assert [(each.name, each.person, each.role) for each in authors] == [
        ("Ida Olsen", ida, "Science editor"),
        ("Ann Smith", None, "Photos"),
    ]
    assert authors[1].user == ann
    shown = desk.posts.first.locator(".live-desk__author")
    expect(shown).to_contain_text(["Ida Olsen (Science editor)", "Ann Smith (Photos)"])
    assert_accessible(window)


def test_a_post_with_people_is_edited(new_window, site, ann, ida, match_page, window):
    desk = Desk(new_window(ann, base_url=site.url), match_page)
    choose(desk, "olsen").press("Enter")
    expect(field(desk)).to_contain_text("Posting as")
    expect(field(desk).get_by_label("Show the name to readers")).to_have_count(0)
    desk.editor.click()
    desk.publish("Goal")
    window.goto(site.url + match_page.url)
    expect(window.locator(".live-post__author")).to_have_text(
        "Ida Olsen, Science editor"
    )
    form = desk.edit("Goal", "Goal!")
    expect(form.get_by_role("group", name="Author").locator("img")).to_be_visible()
    form.get_by_role("button", name="Role of Ida Olsen").click()
    form.get_by_role("textbox", name="Role of Ida Olsen").press_sequentially("Data")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(window.locator(".live-post__author")).to_have_text("Ida Olsen, Data")
    link = window.locator(".live-post__author a")
    expect(link).to_have_attribute("href", "/ida-olsen/")
    assert newest().authors[0].person == ida


def test_the_tab_remembers_people_and_roles(new_window, site, ann, ida, match_page):
    desk = Desk(new_window(ann, base_url=site.url), match_page)
    field(desk).get_by_role("button", name="Role of Ann Smith").click()
    role = field(desk).get_by_role("textbox", name="Role of Ann Smith")
    role.press_sequentially("Photos")
    desk.editor.click()
    desk.publish("First")
    expect(field(desk)).to_contain_text("Posting as")
    expect(role).to_have_value("Photos")
    choose(desk, "olsen").press("Enter")
    author = field(desk).get_by_role("listitem")
    expect(author).to_contain_text("Ida Olsen")
    desk.editor.click()
    desk.publish("Second")
    desk.open()
    expect(author).to_contain_text("Ida Olsen")
    field(desk).get_by_role("button", name="Post as yourself").click()
    expect(field(desk).get_by_role("textbox")).to_have_count(0)
    desk.editor.click()
    desk.publish("Third")
    assert [[each.name for each in post.authors] for post in match_page.live_posts] == [
        ["Ann Smith"],
        ["Ida Olsen"],
        ["Ann Smith"],
    ]
    roles = [post.author_details.get("role") for post in match_page.live_posts]
    assert roles == [None, None, "Photos"]
