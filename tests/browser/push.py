"""Tests that tests/contrib/push/test_push.py runs in a process with other settings: the
button and the service worker in Chromium."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FULL_BROWSERS
from tests.contrib.push.service import Browser
from wagtail_live.contrib.push.models import PushSubscription

# A browser of tests has no push service. The rest of it is real.
SUBSCRIBE = """(data) => {
  let current = null;
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new Error("refused");
    return (current ??= {
      endpoint: data.endpoint,
      options: { applicationServerKey },
      toJSON: () => data,
      unsubscribe: async () => (current = null),
    });
  };
}"""
ASKED = """
  window.asked = 0;
  const ask = Notification.requestPermission.bind(Notification);
  Notification.requestPermission = () => { window.asked += 1; return ask(); };
"""
# Playwright's wait_for_function doesn't wait for what a promise resolves to.
NOTIFICATIONS = """async (body) => {
  const [registration] = await navigator.serviceWorker.getRegistrations();
  let shown;
  for (let tries = 0; tries < 500; tries += 1) {
    shown = await registration.getNotifications();
    if (shown.length === 1 && shown[0].body === body) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return shown.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }));
}"""
# Only a click of a person may focus or open a window. The rest of it is real.
CLICK = """async () => {
  const [notification] = await self.registration.getNotifications();
  const done = [];
  WindowClient.prototype.focus = async function () { done.push(["focus", this.url]); };
  Clients.prototype.openWindow = async (url) => done.push(["open", url]);
  const event = new NotificationEvent("notificationclick", { notification });
  let handled;
  event.waitUntil = (promise) => { handled = promise; };
  self.dispatchEvent(event);
  await handled;
  return [...done, (await self.registration.getNotifications()).length];
}"""
BUTTON = ".live-push__button"


@pytest.fixture(scope="session")
def browser_programs():
    # The headless shell keeps no notifications.
    return FULL_BROWSERS


@pytest.fixture
def subscription():
    return Browser("http://push.example/send/abc").subscription


@pytest.fixture
def open_page(new_window, match_page, subscription):
    def open_page(permissions=("notifications",), script="", **options):
        window = new_window(**options)
        window.context.grant_permissions(list(permissions))
        fake = f"({SUBSCRIBE})({json.dumps(subscription)});"
        window.add_init_script(script or fake + ASKED)
        window.goto(match_page.url)
        return window

    return open_page


def test_a_reader_asks_for_notifications(open_page, match_page, subscription):
    window = open_page()
    button = window.locator(BUTTON)
    expect(button).to_have_text("Notify me of key events")
    assert window.evaluate("window.asked") == 0
    assert window.evaluate("navigator.serviceWorker.getRegistrations()") == []
    button.click()
    expect(button).to_have_text("Turn notifications off")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    expect(window.locator(".live-push__status")).to_contain_text("You will be notified")
    stored = PushSubscription.objects.get()
    assert stored.endpoint == subscription["endpoint"]
    # The push service delivers while the reader is at another page.
    scope = window.evaluate(
        "navigator.serviceWorker.getRegistrations().then(([each]) => each.scope)"
    )
    assert scope.endswith("/wagtail_live/push/")
    post = match_page.add_live_post("<p>Goal</p>" * 30)
    # A message that arrives twice is one notification: the second replaces the first.
    for body in ("Gaol", "Goal"):
        deliver(window, match_page, post, body)
    [shown] = window.evaluate(NOTIFICATIONS, body)
    assert shown["title"] == "Match"
    assert shown["body"] == "Goal"
    assert shown["tag"] == str(post.pk)
    assert f"?post={post.pk}" in shown["url"]
    # A click goes to the post in the window that shows it.
    shown = window.locator(f"#live-post-{post.pk}")
    expect(shown).to_be_attached()
    [worker] = window.context.service_workers
    page_url = window.url
    window.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert worker.evaluate(CLICK) == [["focus", page_url], 0]
    expect(shown).to_be_focused()
    expect(shown.locator(".live-post__time")).to_be_in_viewport()
    assert window.url == page_url
    # Without the post the page loads it, and without a window there is a new one.
    gone = match_page.add_live_post("<p>Gone</p>")
    expect(window.locator(f"#live-post-{gone.pk}")).to_be_attached()
    match_page.delete_live_post(gone)
    expect(window.locator(f"#live-post-{gone.pk}")).not_to_be_attached()
    deliver(window, match_page, gone, "Gone")
    window.evaluate(NOTIFICATIONS, "Gone")
    assert worker.evaluate(CLICK) == [["focus", page_url], 0]
    window.wait_for_url(f"**?post={gone.pk}")
    deliver(window, match_page, post, "Goal")
    window.evaluate(NOTIFICATIONS, "Goal")
    window.goto("/wagtail_live/push/worker.js")
    assert worker.evaluate(CLICK) == [["open", f"{page_url}?post={post.pk}"], 0]
    window.goto(page_url)
    # It is still on after a reload, and ends with a second click.
    window.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_text("Notify me of key events")
    expect(window.locator(".live-push__status")).to_contain_text("not be notified")
    assert not PushSubscription.objects.exists()


def deliver(window, page, post, body):
    """Deliver a message to the worker as the browser does after it decrypted it."""
    devtools = window.context.new_cdp_session(window)
    registrations = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    while not registrations:
        window.wait_for_timeout(20)
    origin = window.evaluate("origin")
    data = {
        "title": page.title,
        "body": body,
        "url": f"{origin}{page.url}?post={post.pk}",
        "tag": str(post.pk),
        "lang": "en",
    }
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": origin,
            "registrationId": registrations[0]["registrationId"],
            "data": json.dumps(data),
        },
    )


def test_a_reader_who_has_blocked_notifications(open_page):
    window = open_page(permissions=())
    window.locator(BUTTON).click()
    status = window.locator(".live-push__status")
    expect(status).to_contain_text("blocked in your browser")
    assert not PushSubscription.objects.exists()


def test_browsers_without_notifications_have_no_button(open_page):
    window = open_page(script="delete window.PushManager;")
    expect(window.locator("live-blog")).to_be_visible()
    expect(window.locator(BUTTON)).to_be_hidden()


def test_without_javascript_there_is_no_button(open_page):
    window = open_page(java_script_enabled=False)
    expect(window.locator("live-blog")).to_be_visible()
    expect(window.locator(BUTTON)).to_be_hidden()


@pytest.mark.allow_console_errors
def test_a_failure_is_told(open_page, subscription):
    subscription["endpoint"] = "http://push.example/"
    window = open_page()
    window.locator(BUTTON).click()
    expect(window.locator(".live-push__status")).to_contain_text("did not work")
    expect(window.locator(BUTTON)).to_have_attribute("aria-pressed", "false")
