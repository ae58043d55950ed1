"""Steps and expectations of a reporter on the live desk."""

from django.urls import reverse
from playwright.sync_api import expect


class Desk:
    def __init__(self, window, page):
        self.window = window
        self.url = reverse("wagtail_live:index", args=[page.pk])
        self.open()

    def open(self):
        self.window.goto(self.url)
        expect(self.editor).to_be_focused()

    @property
    def composer(self):
        return self.window.locator(".live-desk__composer")

    @property
    def editor(self):
        return self.composer.locator("[contenteditable=true]")

    @property
    def posts(self):
        return self.window.locator("article.live-desk__post")

    def post(self, text):
        return self.posts.filter(has_text=text)

    def press(self, text, button):
        """Press a button of the post with this text."""
        self.post(text).get_by_role("button", name=button, exact=True).click()

    def publish(self, text):
        self.editor.press_sequentially(text)
        self.window.keyboard.press("Control+Enter")
        expect(self.posts.first.locator(".live-desk__content")).to_have_text(text)

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

    def expect(self, *texts, timeout=None):
        """Expect the desk to list exactly these posts, in this order."""
        contents = self.posts.locator(".live-desk__content")
        expect(contents).to_have_text(list(texts), timeout=timeout)


def send(form, button="Save"):
    form.get_by_role("button", name=button, exact=True).click()
