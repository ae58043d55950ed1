"""The states of the desk, one after the other, in any language and on any screen."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.receivers.image_files import make_image
from wagtail_live import cursors, posts
from wagtail_live.desks.people import update_presence
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM


def walk(desk, page, colleague):
    """Reach each state of the desk of a busy page; yield its name, and leave it again."""
    for reach in STATES:
        for _ in reach(desk, page, colleague):
            yield reach.__name__


def act(post, action):
    """Press a button of a post; on a phone it is in a menu."""
    toggle = post.locator("live-desk-post-menu > button")
    if toggle.is_visible():
        toggle.click()
    post.locator(f"[data-act={action}]").click()


def unfold(place):
    """Press the button behind which a phone has what is rare."""
    button = place.locator("[data-more], [data-unfold]").first
    if button.is_visible() and button.get_attribute("aria-expanded") == "false":
        button.click()


def edit(desk, text, new_text):
    post_id = desk.post(text).get_attribute("data-post")
    act(desk.post(text), "edit")
    form = desk.window.locator(f"live-post-form[data-post='{post_id}']")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    desk.rewrite(form, new_text)
    return form


def stub(desk, path, **answer):
    desk.window.route(path, lambda route: route.fulfill(body="", **answer))


def empty(desk):
    desk.editor.last.click()
    desk.window.keyboard.press("Control+A")
    desk.window.keyboard.press("Delete")


def timeline(desk, page, colleague):
    yield


def written(desk, page, colleague):
    desk.editor.press_sequentially("A header from the second corner")
    unfold(desk.composer)
    yield
    empty(desk)


def author(desk, page, colleague):
    unfold(desk.composer)
    desk.composer.locator("live-desk-author button").first.click()
    search = desk.composer.locator("live-desk-author [role=combobox]")
    search.press_sequentially(colleague.username)
    expect(
        desk.composer.locator("live-desk-author [role=option]").first
    ).to_be_visible()
    yield
    search.press("Escape")


def schedule(desk, page, colleague):
    unfold(desk.composer)
    summary = desk.composer.locator(".live-desk__schedule summary")
    summary.click()
    expect(desk.composer.locator("[name$=go_live_at]")).to_be_visible()
    yield
    summary.click()


def time(desk, page, colleague):
    unfold(desk.composer)
    summary = desk.composer.locator(".live-desk__time summary")
    summary.click()
    expect(desk.composer.locator("[name$=created]")).to_be_visible()
    yield
    summary.click()


def drawer(desk, page, colleague):
    later = cursors.now() + timedelta(hours=2)
    post = posts.publish(
        page.live_channel, "Half-time", go_live_at=later, show=False, actor=SYSTEM
    )
    desk.window.locator("live-desk-scheduled summary").click()
    expect(desk.post("Half-time")).to_be_visible()
    yield
    posts.delete(page.live_channel, post, actor=SYSTEM)


def preview(desk, page, colleague):
    desk.editor.press_sequentially("Half-time")
    unfold(desk.composer)
    desk.composer.locator("[data-preview]").click()
    frame = desk.window.frame_locator(".live-desk__preview iframe")
    expect(frame.get_by_text("Half-time")).to_be_visible()
    yield
    desk.window.locator(".live-desk__preview [data-close]").click()
    empty(desk)


def shortcuts(desk, page, colleague):
    desk.posts.first.focus()
    desk.window.keyboard.press("?")
    dialog = desk.window.locator("live-desk-shortcuts dialog")
    expect(dialog).to_be_visible()
    yield
    dialog.locator("[data-close]").click()


def photo(desk, page, colleague):
    desk.window.route("**/image/", lambda route: route.abort())
    desk.editor.click()
    desk.paste(images=[("Ball.png", make_image())])
    upload = desk.composer.locator("live-photo")
    expect(
        upload.locator("[role=alert]:not([hidden]), p:not([hidden])").first
    ).to_be_visible()
    yield
    desk.window.unroute_all()  # it is sent again by itself
    note = desk.composer.locator("live-alt-note")
    expect(note).to_be_visible()
    yield
    desk.send()
    expect(desk.unsent).to_have_count(0)


def queue(desk, page, colleague):
    desk.window.locator(".live-desk__queue").click()
    expect(desk.posts).to_have_count(1)
    yield
    desk.window.locator("live-desk-filters [type=reset]").click()


def no_hits(desk, page, colleague):
    filters = desk.window.locator("live-desk-filters")
    unfold(filters)
    filters.locator("[type=search]").fill("penalty shoot-out")
    filters.locator("[name=status]").select_option("draft")
    expect(filters.locator(".live-desk__no-matches p")).to_be_visible()
    yield
    filters.locator("[data-show-all]").click()
    expect(desk.post("Goal")).to_be_visible()


def post_in_use(desk, page, colleague):
    goal = page.live_channel.posts.key_events().get()
    update_presence(page.live_channel, colleague, goal.pk)
    desk.open()
    expect(desk.post("Goal").locator(".live-desk__editor")).to_be_visible()
    yield


def page_locked(desk, page, colleague):
    pages = type(page).objects.filter(pk=page.pk)
    pages.update(locked=True, locked_by=colleague, locked_at=cursors.now())
    desk.window.reload()
    expect(desk.window.locator("live-desk-rights")).to_be_visible()
    yield
    pages.update(locked=False, locked_by=None, locked_at=None)
    desk.open()


def sending(desk, page, colleague):
    desk.window.route("**/save/", lambda route: None)
    desk.send("On its way")
    expect(desk.unsent).to_be_visible()
    yield
    desk.window.unroute_all()
    desk.open()
    expect(desk.unsent).to_have_count(0)


def outbox_waiting(desk, page, colleague):
    stub(desk, "**/save/", status=429, headers={"Retry-After": "60"})
    desk.send("It is kept, and sent again")
    expect(desk.unsent.get_by_role("timer")).to_be_visible()
    yield


def form_waiting(desk, page, colleague):
    form = edit(desk, "Hidden", "Hidden for now")
    desk.window.keyboard.press("Control+Enter")
    expect(form.get_by_role("timer")).to_be_visible()
    yield
    desk.window.unroute_all()
    desk.open()
    expect(desk.unsent).to_have_count(0)


def outbox_failed(desk, page, colleague):
    stub(desk, "**/save/", status=413)
    desk.send("A text that is too long for the server")
    expect(desk.window.locator(".live-desk__unsent--failed")).to_be_visible()
    yield
    desk.window.unroute_all()
    for post in desk.unsent.all():
        post.locator("button").first.click()
    expect(desk.unsent).to_have_count(0)


def error(desk, page, colleague):
    title = desk.composer.locator("[name$=title]")
    title.fill("Half-time")
    desk.window.keyboard.press("Control+Enter")
    expect(desk.composer.locator(".w-field--error").first).to_be_visible()
    yield
    title.fill("")


def conflict(desk, page, colleague):
    edit(desk, "To be checked", "A fan’s view of the goal from the south stand")
    post = LivePost.objects.submitted().get()
    theirs = "<p>To be checked: a fan’s view of the match</p>"
    posts.edit(post.channel, post, content=theirs, actor=SYSTEM)
    desk.window.keyboard.press("Control+Enter")
    expect(desk.window.locator(".live-desk__conflict")).to_be_visible()
    yield
    desk.window.locator("[data-choice=theirs]").click()
    expect(desk.post("view of the match")).to_be_visible()
    expect(desk.window.locator(".live-desk__conflict")).to_have_count(0)


def undo(desk, page, colleague):
    act(desk.post("A draft"), "delete")
    button = desk.window.locator(".live-desk__trace button")
    expect(button).to_be_visible()
    yield
    button.click()
    expect(desk.post("A draft")).to_be_visible()


def key_points(desk, page, colleague):
    desk.window.locator("[data-summarise]").click()
    form = desk.window.locator("live-post-form[data-kind=summary]")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    yield
    form.locator("[data-cancel]").click()


def ending(desk, page, colleague):
    desk.window.locator(".live-desk__end").click()
    expect(desk.window.locator(".live-desk__head live-countdown")).to_be_visible()
    yield
    desk.window.locator("[data-state-to][aria-describedby]").click()
    expect(desk.window.locator(".live-desk__end")).to_be_visible()


def menu(desk, page, colleague):
    toggle = desk.post("Goal").locator("live-desk-post-menu > button")
    if toggle.is_visible():
        toggle.click()
        yield
        desk.window.keyboard.press("Escape")


def signed_out(desk, page, colleague):
    Session.objects.all().delete()
    expect(desk.window.locator("live-desk-connection")).to_be_visible()
    yield


STATES = [
    timeline,
    written,
    author,
    schedule,
    time,
    drawer,
    preview,
    shortcuts,
    photo,
    queue,
    no_hits,
    post_in_use,
    page_locked,
    sending,
    outbox_waiting,
    form_waiting,
    outbox_failed,
    error,
    conflict,
    undo,
    key_points,
    ending,
    menu,
    signed_out,
]
