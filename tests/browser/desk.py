"""Steps and expectations of a reporter on the live desk."""

from base64 import b64encode

from django.urls import reverse
from playwright.sync_api import expect

PASTE = """(editor, { text, html, images, isLater }) => {
  const clipboardData = new DataTransfer();
  if (html) clipboardData.setData("text/html", html);
  if (text) clipboardData.setData("text/plain", text);
  for (const { data, name, type } of images) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    clipboardData.items.add(new File([bytes], name, { type }));
  }
  const options = { clipboardData, bubbles: true, cancelable: true };
  const paste = () => editor.dispatchEvent(new ClipboardEvent("paste", options));
  if (isLater) window.paste = paste;
  else paste();
}"""


OURS = {"include": [["live-desk"], [".w-slim-header"]]}


def assert_accessible(window):
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(window, OURS, {"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()


class Desk:
    def __init__(self, window, page, timeout=None):
        self.window = window
        self.url = reverse("wagtail_live:index", args=[page.pk])
        self.open(timeout)

    def open(self, timeout=None):
        self.window.goto(self.url)
        expect(self.editor).to_be_focused(timeout=timeout)

    @property
    def composer(self):
        return self.window.locator(".live-desk__composer")

    @property
    def editor(self):
        return self.composer.locator("[contenteditable=true]")

    @property
    def unsent(self):
        """The posts that this desk has not sent yet."""
        return self.window.locator("live-unsent-post")

    @property
    def posts(self):
        return self.window.locator("article.live-desk__post")

    def post(self, text):
        return self.posts.filter(has_text=text)

    def press(self, text, button):
        """Press a button of the post with this text; on a phone it is in a menu."""
        post = self.post(text)
        menu = post.get_by_role("button", name="Actions", exact=True)
        pressed = post.get_by_role("button", name=button, exact=True)
        if menu.is_visible() and not pressed.is_visible():
            menu.click()
        pressed.click()

    def publish(self, text):
        self.editor.press_sequentially(text)
        self.window.keyboard.press("Control+Enter")
        expect(self.posts.first.locator(".live-desk__content")).to_have_text(text)

    def send(self, text=""):
        """Publish a post without waiting for it."""
        if text:
            self.editor.press_sequentially(text)
        self.window.keyboard.press("Control+Enter")

    def paste(self, text="", images=(), media_type="image/png", html=""):
        """Paste a text or images, each a name and its bytes."""
        files = [
            {"name": name, "data": b64encode(data).decode(), "type": media_type}
            for name, data in images
        ]
        self.editor.last.evaluate(PASTE, {"text": text, "html": html, "images": files})

    def rewrite(self, form, text):
        """Replace the text in the editor of a form."""
        form.locator("[contenteditable=true]").click()
        self.window.keyboard.press("Control+A")
        self.window.keyboard.type(text)

    def edit(self, text, new_text):
        """Open a post's form and replace its text; return the form."""
        post_id = self.post(text).get_attribute("data-post")
        self.press(text, "Edit")
        form = self.window.locator(f"live-post-form[data-post='{post_id}']")
        expect(form.locator("[contenteditable=true]")).to_be_focused()
        self.rewrite(form, new_text)
        return form

    def expect(self, *texts):
        """Expect the desk to list exactly these posts, in this order."""
        contents = self.posts.locator(".live-desk__content")
        expect(contents).to_have_text(list(texts))


def send(form, button="Save"):
    """Press a button of a form, which a phone may have behind "More"."""
    more = form.get_by_role("button", name="More")
    if more.is_visible() and not form.get_by_role("button", name=button).is_visible():
        more.click()
    form.get_by_role("button", name=button, exact=True).click()


def lose_the_answer(route):
    """Let a request reach the server, and not its response the browser."""
    route.fetch()
    route.abort()
