"""The author of a post on the desk: oneself, another person, a byline, or several."""

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.admin.desk.requests import user_who_may
from tests.browser.desk import Desk, assert_accessible
from tests.parallel import rest_nightly
from tests.receivers.image_files import make_image
from wagtail_live.models import LivePost

pytestmark = pytest.mark.slow

SCREENS = [
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 360, "height": 740}, "has_touch": True},
    {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
]


def name_user(user, first, last, picture=False):
    user.first_name, user.last_name = first, last
    user.save()
    profile = UserProfile.get_for_user(user)
    if picture:
        profile.avatar.save("face.png", ContentFile(make_image()))
    return user


@pytest.fixture
def ann(reporter):
    return name_user(reporter, "Ann", "Smith")


@pytest.fixture
def bob(colleague):
    return name_user(colleague, "Bob", "Jones", picture=True)


@pytest.fixture
def desk(new_window, ann, bob, match_page):
    return Desk(new_window(ann), match_page)


def field(desk):
    return desk.composer.locator("live-desk-author")


def choose(desk, words, button="Change author"):
    if not field(desk).is_visible():  # on a phone
        desk.composer.get_by_role("button", name="More").click()
    field(desk).get_by_role("button", name=button).click()
    search = field(desk).get_by_role("combobox")
    expect(search).to_be_focused()
    search.press_sequentially(words)
    return search


def newest():
    return LivePost.objects.newest_first().first()


def test_a_post_is_by_its_writer(desk, ann):
    expect(field(desk)).to_contain_text("Ann Smith")
    desk.publish("Goal")
    assert (newest().author, newest().byline) == (ann, "Ann Smith")
    expect(field(desk).get_by_text("Posting as")).to_have_count(0)


@pytest.mark.parametrize("screen", rest_nightly(SCREENS))
def test_an_editor_posts_as_another_person(new_window, ann, bob, match_page, screen):
    desk = Desk(new_window(ann, **screen), match_page)
    search = choose(desk, "jon")
    option = field(desk).get_by_role("option").filter(has_text="Bob Jones")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(option.locator("img")).to_be_visible()
    assert_accessible(desk.window)
    search.press("Enter")
    expect(field(desk)).to_contain_text("Posting as")
    expect(field(desk).locator("img")).to_be_visible()
    assert_accessible(desk.window)
    width = desk.window.evaluate("document.documentElement.scrollWidth")
    assert width <= screen["viewport"]["width"]
    desk.editor.click()
    desk.publish("Goal")
    assert (newest().author, newest().byline) == (bob, "Bob Jones")
    expect(desk.posts.first.locator(".live-desk__author")).to_have_text("Bob Jones")
    expect(desk.posts.first.locator(".live-desk__author img")).to_be_visible()


def test_the_tab_remembers_the_author_and_says_so(desk, bob, new_window, ann):
    choose(desk, "bob").press("Enter")
    expect(field(desk)).to_contain_text("Posting as")
    desk.editor.click()
    desk.publish("First")
    expect(field(desk)).to_contain_text("Posting asBob Jones")
    desk.open()
    expect(field(desk)).to_contain_text("Posting asBob Jones")
    desk.publish("Second")
    assert newest().author == bob
    field(desk).get_by_role("button", name="Post as yourself").click()
    expect(field(desk)).not_to_contain_text("Posting as")
    desk.editor.click()
    desk.publish("Third")
    assert newest().author == ann
    other_tab = desk.window.context.new_page()
    other_tab.goto(desk.url)
    expect(other_tab.get_by_role("group", name="Author")).not_to_contain_text("Posting")


def test_a_free_byline_and_several_authors(desk, ann, bob):
    search = choose(desk, "Reuters")
    byline = field(desk).get_by_role("option", name="Use “Reuters” as the byline")
    expect(byline).to_be_visible()
    search.press("Enter")
    choose(desk, "bob", button="Add author").press("ArrowDown")
    field(desk).get_by_role("option").filter(has_text="Bob Jones").click()
    expect(field(desk).get_by_role("listitem")).to_have_text(
        ["RReutersRole×", "Bob JonesRole↑×"]
    )
    desk.editor.click()
    desk.publish("Goal")
    post = newest()
    assert post.author is None
    assert [(each.name, each.user) for each in post.authors] == [
        ("Reuters", None),
        ("Bob Jones", bob),
    ]
    field(desk).get_by_role("button", name="Remove Reuters").click()
    desk.editor.click()
    desk.publish("Second")
    assert (newest().author, newest().byline) == (bob, "Bob Jones")


def test_a_post_has_up_to_ten_authors(desk):
    for number in range(9):
        search = choose(desk, f"Reporter {number}", button="Add author")
        byline = field(desk).get_by_role("option", name=f"“Reporter {number}”")
        expect(byline).to_be_visible()
        search.press("Enter")
    authors = field(desk).get_by_role("listitem")
    expect(authors).to_have_count(10)
    field(desk).get_by_role("button", name="Add author").click()
    limit = "A post can have up to 10 authors. Remove one to add another."
    expect(field(desk).get_by_text(limit)).to_be_visible()
    expect(desk.window.locator(".live-desk__status")).to_have_text(limit)
    expect(field(desk).get_by_role("combobox")).to_have_count(0)
    expect(authors).to_have_count(10)
    assert_accessible(desk.window)
    field(desk).get_by_role("button", name="Remove Reporter 8").click()
    expect(field(desk).get_by_text(limit)).to_have_count(0)
    choose(desk, "Bob", button="Add author")
    expect(field(desk).get_by_role("option").first).to_be_visible()


def test_a_hidden_name(desk, ann):
    field(desk).get_by_label("Show the name to readers").uncheck()
    desk.editor.click()
    desk.publish("Goal")
    assert (newest().author, newest().byline) == (ann, "")
    expect(field(desk).get_by_label("Show the name to readers")).not_to_be_checked()


def test_escape_leaves_the_search_only(desk):
    desk.publish("Goal")
    desk.press("Goal", "Edit")
    form = desk.posts.locator("live-post-form")
    form.get_by_role("button", name="Change author").click()
    form.get_by_role("combobox").press("Escape")
    expect(form.get_by_role("combobox")).to_have_count(0)
    expect(form).to_be_visible()


def test_an_edit_changes_the_author_of_a_published_post(desk, bob, window, match_page):
    desk.publish("Goal")
    window.goto(match_page.url)
    expect(window.locator(".live-post__author")).to_have_text("Ann Smith")
    form = desk.edit("Goal", "Goal")
    form.get_by_role("button", name="Change author").click()
    form.get_by_role("combobox").press_sequentially("bob")
    form.get_by_role("option").filter(has_text="Bob Jones").click()
    expect(form.get_by_role("group", name="Author")).not_to_contain_text("Posting as")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(window.locator(".live-post__author")).to_have_text("Bob Jones")
    expect(window.locator(".live-post__author img")).to_be_visible()


def test_a_reporter_has_no_choice(new_window, match_page, ann):
    rita = name_user(user_who_may(match_page, "change_page", name="r"), "Rita", "Roe")
    desk = Desk(new_window(rita), match_page)
    expect(field(desk)).to_contain_text("Rita Roe")
    buttons = field(desk).get_by_role("button")
    expect(buttons).to_have_text(["Role"])
    buttons.click()
    field(desk).get_by_role("textbox").press_sequentially("Photos")
    desk.editor.press_sequentially("Goal")
    desk.composer.get_by_role("button", name="Submit to editor").click()
    expect(desk.posts.first).to_contain_text("Rita Roe (Photos)")
    assert newest().authors[0].role == "Photos"
