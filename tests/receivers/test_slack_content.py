"""Every part of a Slack message is shown, or named for editors."""

import pytest

from tests.receivers.test_slack_events import read
from wagtail_live.models import ReceivedMessage
from wagtail_live.receivers.base import Ignored
from wagtail_live.receivers.composing import compose, to_part
from wagtail_live.receivers.document import to_html

PDF = {
    "id": "F9",
    "name": "lineup.pdf",
    "mimetype": "application/pdf",
    "mode": "hosted",
    "url_private": "https://files.slack.com/files-pri/T1-F9/lineup.pdf",
}
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Goal* by Ann"}}


def read_message(**changes):
    return read("message", **{"text": "", "blocks": [], **changes})


def html_of(**changes):
    return to_html(read_message(**changes).body)


def rich_text(*elements):
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [section]}


def text(words):
    return {"type": "text", "text": words}


def test_a_shared_message_is_a_quote_of_its_author():
    blocks = [rich_text(text("Goal for Ajax"))]
    shared = {
        "is_share": True,
        "is_msg_unfurl": True,
        "from_url": "https://a.slack.com/archives/C2/p1700000000000100",
        "author_name": "Bo",
        "text": "Goal for Ajax",
        "fallback": "[June 1st] bo: Goal for Ajax",
        "message_blocks": [{"team": "T1", "message": {"blocks": blocks}}],
        "files": [PDF],
    }
    event = read_message(text="Look", attachments=[shared])
    assert to_html(event.body) == (
        "<p>Look</p><blockquote><p><b>Bo</b></p><p>Goal for Ajax</p></blockquote>"
    )
    assert event.omitted == ("file “lineup.pdf”",)
    del shared["message_blocks"]
    assert "<p>Goal for Ajax</p>" in html_of(attachments=[shared])


@pytest.mark.parametrize(
    "preview",
    [
        {"from_url": "https://a.example", "title": "A story", "text": "Words"},
        {"original_url": "https://a.example", "title": "A story"},
        {"from_url": "https://a.slack.com/archives/C2/p1", "is_msg_unfurl": True},
    ],
)
def test_previews_of_links_are_left_out(preview):
    """Slack keeps them in the message when it is edited later."""
    assert html_of(text="<https://a.example>", attachments=[preview]).count("<p>") == 1


def test_a_table_is_shown_line_by_line():
    def cell(words):
        return {"type": "raw_text", "text": words}

    rows = [[cell("Team"), cell("Goals")], [rich_text(text("Ajax")), cell("3")]]
    table = {"type": "table", "rows": rows}
    lines = "<p>Team | Goals<br>Ajax | 3</p>"
    assert html_of(blocks=[table]) == lines
    pasted = {"blocks": [table], "fallback": "Team Goals"}
    standings = rich_text(text("Standings:"))
    assert html_of(blocks=[standings], attachments=[pasted]) == (
        f"<p>Standings:</p>{lines}"
    )


def test_the_cells_of_a_table_keep_numbers_lists_and_code():
    items = [{"type": "rich_text_section", "elements": [text(word)]} for word in "ab"]
    parts = [
        {"type": "rich_text_list", "style": "bullet", "elements": items},
        {"type": "rich_text_preformatted", "elements": [text("x = 1")]},
    ]
    cells = [
        *({"type": "raw_number", "value": value} for value in (0, 1.5, -3)),
        {"type": "rich_text", "elements": parts},
    ]
    assert html_of(blocks=[{"type": "table", "rows": [cells]}]) == (
        "<p>0 | 1.5 | -3 | a b <code>x = 1</code></p>"
    )


def test_markdown_of_an_app_has_no_spoilers():
    block = {"type": "markdown", "text": "a || b || c"}
    assert html_of(blocks=[block]) == "<p>a || b || c</p>"


def test_an_attachment_of_an_app_is_its_text():
    attachment = {
        "pretext": "News",
        "title": "Final score",
        "title_link": "https://a.example/1",
        "text": "Ajax *won*",
        "fields": [{"title": "Ajax", "value": "2", "short": True}],
        "image_url": "https://a.example/1.png",
        "fallback": "Ajax won",
        "footer": "The league",
    }
    assert html_of(attachments=[attachment]) == (
        '<p>News</p><p><a href="https://a.example/1" rel="noopener">'
        "<b>Final score</b></a></p><p>Ajax <b>won</b></p><p><b>Ajax</b></p><p>2</p>"
        '<p><a href="https://a.example/1.png" rel="noopener">Ajax won</a></p>'
        "<p>The league</p>"
    )
    assert html_of(attachments=[{"fallback": "Only this"}]) == "<p>Only this</p>"


@pytest.mark.parametrize(
    ("block", "html"),
    [
        (SECTION, "<p><b>Goal</b> by Ann</p>"),
        (
            {"type": "header", "text": {"type": "plain_text", "text": "Half-time"}},
            "<p><b>Half-time</b></p>",
        ),
        (
            {"type": "section", "fields": [SECTION["text"], SECTION["text"]]},
            "<p><b>Goal</b> by Ann</p><p><b>Goal</b> by Ann</p>",
        ),
        (
            {"type": "context", "elements": [SECTION["text"]]},
            "<p><b>Goal</b> by Ann</p>",
        ),
        ({"type": "markdown", "text": "**Goal** by Ann"}, "<p><b>Goal</b> by Ann</p>"),
        (
            {
                "type": "video",
                "title": {"type": "plain_text", "text": "The goal"},
                "title_url": "https://a.example/v",
                "video_url": "https://a.example/embed",
                "alt_text": "A goal",
            },
            '<p><a href="https://a.example/v" rel="noopener"><b>The goal</b></a></p>',
        ),
        (
            {
                "type": "image",
                "image_url": "https://a.example/1.png",
                "alt_text": "Ann",
            },
            '<p><a href="https://a.example/1.png" rel="noopener">Ann</a></p>',
        ),
        (
            {"type": "card", "title": {"type": "plain_text", "text": "New kind"}},
            "<p>New kind</p>",
        ),
    ],
)
def test_a_block_of_an_app_is_its_text(block, html):
    assert html_of(blocks=[block]) == html
    assert html_of(attachments=[{"blocks": [block]}]) == html


def test_of_buttons_and_menus_only_links_are_shown():
    words = {"type": "plain_text", "text": "Report"}
    link = {
        "type": "button",
        "action_id": "a",
        "text": words,
        "url": "https://a.example",
    }
    button = {"type": "button", "action_id": "b", "text": words}
    menu = {"type": "overflow", "action_id": "c", "options": [{"text": words}]}
    actions = {"type": "actions", "elements": [link, button, menu]}
    assert html_of(blocks=[SECTION, actions]) == (
        "<p><b>Goal</b> by Ann</p>"
        '<p><a href="https://a.example" rel="noopener">Report</a></p>'
    )


def test_all_blocks_of_a_message_are_shown_in_order():
    blocks = [rich_text(text("First")), SECTION, rich_text(text("Last"))]
    assert html_of(text="First and more", blocks=blocks) == (
        "<p>First</p><p><b>Goal</b> by Ann</p><p>Last</p>"
    )


def test_the_text_beside_an_image_is_kept():
    image = {"type": "image", "image_url": "https://a.example/1.png", "alt_text": "Ann"}
    assert html_of(text="Photo", blocks=[image]).startswith("<p>Photo</p>")
    assert html_of(text="Photo", blocks=[rich_text(text(""))]) == "<p>Photo</p>"


def test_an_image_block_with_a_file_of_slack_is_downloaded():
    block = {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "Ann"}
    (image,) = read_message(blocks=[block]).attachments
    assert (image.id, image.alt) == ("F1", "Ann")


@pytest.mark.parametrize(
    ("file", "omitted"),
    [
        (PDF, "file “lineup.pdf”"),
        ({**PDF, "mimetype": "video/mp4", "name": "goal.mp4"}, "video “goal.mp4”"),
        ({**PDF, "mimetype": "audio/webm", "name": "clip"}, "audio “clip”"),
        ({**PDF, "is_external": True, "external_type": "gdrive"}, "file “lineup.pdf”"),
        ({"id": "F9", "mode": "space", "title": "A canvas"}, "file “A canvas”"),
    ],
)
def test_a_file_is_named_for_editors_and_not_linked(file, omitted):
    event = read_message(text="See", files=[file], subtype="file_share")
    assert to_html(event.body) == "<p>See</p>"
    assert event.omitted == (omitted,)
    assert read_message(files=[file]).omitted == (omitted,)


@pytest.mark.parametrize(
    ("url", "label", "html"),
    [
        ("https://files.slack.com/files-pri/T1-F9/a.pdf?t=xoxe-1", "a", "see a"),
        ("https://files.slack.com/files-pri/T1-F9/a.pdf", "", "see a.pdf"),
        ("https://a.slack.com/files/U1/F9/a.pdf", "a.pdf", "see a.pdf"),
        ("https://slack-files.com/T1-F9-a1b2c3", "the plan", "see the plan"),
    ],
)
def test_links_to_files_in_slack_are_not_published(url, label, html):
    """Readers can't log in there, and some URLs contain a token."""
    link = {"type": "link", "url": url, **({"text": label} if label else {})}
    event = read_message(blocks=[rich_text(text("see "), link)])
    assert to_html(event.body) == f"<p>{html}</p>"
    assert len(event.omitted) == 1
    written = f"<{url}|{label}>" if label else f"<{url}>"
    assert html_of(text=f"see {written}") == f"<p>{html}</p>"
    image = {"type": "image", "image_url": url, "alt_text": "plan"}
    assert url not in html_of(
        text="x", blocks=[image], attachments=[{"image_url": url}]
    )


def test_other_links_to_slack_stay():
    assert "docs.slack.dev" in html_of(text="<https://docs.slack.dev/files/>")


@pytest.mark.parametrize("subtype", ["ekm_access_denied", "invented_later"])
def test_messages_of_unknown_kinds_are_named_for_editors(subtype):
    event = read_message(subtype=subtype, text="No access")
    assert (event.body, event.omitted) == (
        (),
        (f"message of an unknown kind “{subtype}”",),
    )


@pytest.mark.parametrize(
    "subtype", ["huddle_thread", "reminder_add", "bot_add", "channel_topic"]
)
def test_messages_of_slack_itself_are_ignored(subtype):
    assert isinstance(read_message(subtype=subtype, text="x"), Ignored)


def test_a_table_becomes_a_block(db):
    """A table of one row, and one in a quoted message, stay lines."""
    rows = [[{"type": "raw_text", "text": word} for word in "ab"] for _ in range(2)]
    tables = [{"type": "table", "rows": rows}, {"type": "table", "rows": rows[:1]}]
    part = to_part(read_message(blocks=[rich_text(text("Now")), *tables]).body)
    content = compose([ReceivedMessage(body=part, message_id="1")])
    assert [child.block_type for child in content] == ["text", "table", "text"]
    assert content[1].value["rows"] == [["a", "b"], ["a", "b"]]
    assert content[1].value["header_row"]
