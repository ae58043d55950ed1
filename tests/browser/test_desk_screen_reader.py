"""The desk as a screen reader has it: the names and roles of its tree, the focus, and
what is announced, while a reporter writes, edits, solves a conflict and takes back."""

import pytest
from playwright.sync_api import expect

from wagtail_live import posts
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

NEED_NAMES = {
    "alertdialog",
    "article",
    "button",
    "checkbox",
    "combobox",
    "dialog",
    "heading",
    "image",
    "link",
    "region",
    "search",
    "searchbox",
    "textbox",
}
HEAR = """() => {
  window.heard = [];
  const REGIONS = ":is([role=status], [role=alert], [aria-live])";
  const hear = (region) => {
    const text = region?.checkVisibility() ? region.textContent.trim() : "";
    if (text && heard.at(-1) !== text) heard.push(text);
  };
  const options = { subtree: true, childList: true, characterData: true, attributeFilter: ["hidden"] };
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      hear((target.closest ? target : target.parentElement)?.closest(REGIONS));
      for (const node of addedNodes) if (node.matches?.(REGIONS)) hear(node);
    }
  }).observe(document.querySelector("live-desk"), options);
}"""


class ScreenReader:
    """The accessibility tree of a window, as Chromium gives it to screen readers."""

    def __init__(self, window):
        self.window = window
        self.session = window.context.new_cdp_session(window)
        window.evaluate(HEAR)

    def read(self):
        """Return role and name of each node in the main part of the page, in order."""
        nodes = self.session.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        main = next(node for node in nodes if get(node, "role") == "main")
        return [
            (get(node, "role"), get(node, "name"))
            for node in descend(main, by_id)
            if not node["ignored"]
        ]

    def find_unnamed(self):
        return [node for node in self.read() if node[0] in NEED_NAMES and not node[1]]

    def find(self, role):
        return [name for each, name in self.read() if each == role]

    @property
    def focus(self):
        """Role and name of the node that has the focus."""
        nodes = self.session.send("Accessibility.getFullAXTree")["nodes"]
        focused = [
            (get(node, "role"), get(node, "name"))
            for node in nodes
            if {
                "name": "focused",
                "value": {"type": "booleanOrUndefined", "value": True},
            }
            in node.get("properties", [])
        ]
        return focused[-1]

    def wait_for(self, words):
        """Wait until something is announced."""
        self.window.wait_for_function("(words) => heard.includes(words)", arg=words)


def get(node, key):
    return node.get(key, {}).get("value", "")


def descend(node, by_id):
    yield node
    for child in node.get("childIds", []):
        if child in by_id:
            yield from descend(by_id[child], by_id)


@pytest.mark.allow_console_errors(reason="409")
def test_a_match_is_reported_with_a_screen_reader(desk):
    keys, reader = desk.window.keyboard, ScreenReader(desk.window)

    # Writing
    assert reader.focus == ("textbox", "Text")
    assert reader.find_unnamed() == []
    assert "New post" in reader.find("region")
    assert {"Title", "Text"} <= {*reader.find("textbox")}
    assert {"Publish", "Photo"} <= {*reader.find("button")}
    keys.type("Gaol")
    keys.press("Control+Enter")
    desk.expect("Gaol")
    reader.wait_for("Saved.")
    assert reader.focus == ("textbox", "Text")
    [article] = reader.find("article")
    assert article.lower().startswith("published")  # as the styles write it
    assert reader.find_unnamed() == []

    # Editing: the last post, by a key
    keys.press("ArrowUp")
    expect(desk.window.locator("article [contenteditable=true]")).to_be_focused()
    assert reader.focus == ("textbox", "Text")
    assert "Edit post" in reader.find("heading")
    assert reader.find_unnamed() == []

    # A conflict
    post = LivePost.objects.get()
    posts.edit(post.channel, post, content="<p>Their goal</p>", actor=SYSTEM)
    keys.press("Control+A")
    keys.type("My goal")
    keys.press("Control+Enter")
    conflict = desk.window.get_by_role("alertdialog")
    expect(conflict).to_be_focused()
    role, name = reader.focus
    assert role == "alertdialog"
    assert name.startswith("Someone else has changed this post")
    assert {"Their version", "Your version"} <= {*reader.find("region")}
    assert reader.find_unnamed() == []
    keys.press("Tab")
    assert reader.focus == ("button", "Continue editing")
    keys.press("Tab")
    assert reader.focus == ("button", "Use theirs")
    keys.press("Enter")
    desk.expect("Their goal")
    expect(desk.post("Their goal").get_by_role("button", name="Edit")).to_be_focused()
    assert reader.focus == ("button", "Edit")

    # Taking back
    keys.press("Delete")  # the shortcut, as the focus is on the post
    expect(desk.window.get_by_role("button", name="Undo")).to_be_focused()
    assert reader.focus == ("button", "Undo")
    assert reader.find("article") == []
    assert reader.find_unnamed() == []
    keys.press("Enter")
    expect(desk.post("Their goal")).to_be_focused()
    reader.wait_for("Post restored.")
    assert reader.focus[0] == "article"
    assert reader.find_unnamed() == []
