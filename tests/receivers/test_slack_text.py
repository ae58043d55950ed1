"""Slack's text formatting is kept on the page.

The shapes follow docs.slack.dev/reference/block-kit/blocks/rich-text-block and
docs.slack.dev/messaging/formatting-message-text.
"""

import pytest

from tests.receivers.vectors import ALL_VECTORS
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.slack.mrkdwn import from_mrkdwn
from wagtail_live.receivers.slack.text import from_rich_text

NAMES = {"U1": "Ann", "S1": "desk", "C1": "football"}


def rich_html(*elements):
    return to_html(
        from_rich_text([{"type": "rich_text", "elements": list(elements)}], NAMES)
    )


def section(*elements):
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words, **style):
    return {"type": "text", "text": words, "style": style}


def bullets(indent, *words, style="bullet"):
    return {
        "type": "rich_text_list",
        "style": style,
        "indent": indent,
        "elements": [section(text(word)) for word in words],
    }


def mrkdwn_html(words):
    return to_html(from_mrkdwn(words, NAMES))


@pytest.mark.parametrize(
    ("element", "html"),
    [
        (text("a <b> & c"), "a &lt;b&gt; &amp; c"),
        (text("a", bold=True, italic=True), "<b><i>a</i></b>"),
        (text("a", strike=True, code=True), "<s><code>a</code></s>"),
        (text("a", unlink=True, bold=False), "a"),
        ({"type": "emoji", "name": "tada", "unicode": "1f389"}, "🎉"),
        ({"type": "emoji", "name": "wave", "skin_tone": 4}, "👋🏽"),
        (
            {"type": "emoji", "name": "wave", "skin_tone": 4, "unicode": "1f44b"},
            "👋🏽",
        ),
        ({"type": "emoji", "name": "ajax"}, ":ajax:"),
        ({"type": "user", "user_id": "U1"}, "@Ann"),
        ({"type": "user", "user_id": "U2"}, "@someone"),
        ({"type": "usergroup", "usergroup_id": "S1"}, "@desk"),
        ({"type": "channel", "channel_id": "C1"}, "#football"),
        ({"type": "broadcast", "range": "here"}, "@here"),
        ({"type": "date", "timestamp": 1, "fallback": "Monday"}, "Monday"),
        ({"type": "color", "value": "#F405B3"}, "#F405B3"),
        ({"type": "of_the_future", "text": "words"}, "words"),
        (
            {"type": "link", "url": "https://a.example/?x=1&y=2"},
            '<a href="https://a.example/?x=1&amp;y=2" rel="noopener">'
            "https://a.example/?x=1&amp;y=2</a>",
        ),
    ],
)
def test_each_element_of_rich_text_is_shown(element, html):
    assert rich_html(section(element)) == f"<p>{html}</p>"


def test_an_element_of_an_unknown_kind_is_the_text_in_it():
    inner = section(text("one"), text("two"))
    assert rich_html({"type": "invented_later", "elements": [inner]}) == (
        "<p>one two</p>"
    )


def test_nothing_is_shown_of_an_element_without_text():
    assert rich_html(section({"type": "team", "team_id": "T1"}, {"type": "new"})) == ""


def test_sections_quotes_and_code_are_blocks():
    assert rich_html(
        section(text("One\ntwo\n\nthree")),
        {"type": "rich_text_quote", "elements": [text("She won.")]},
        {
            "type": "rich_text_preformatted",
            "elements": [text("a\n b"), {"type": "link", "url": "https://a.example"}],
        },
    ) == (
        "<p>One<br>two</p><p>three</p>"
        "<blockquote><p>She won.</p></blockquote>"
        "<pre>a\n bhttps://a.example</pre>"
    )


def test_lists_nest_by_their_indent():
    assert rich_html(
        bullets(0, "one"),
        bullets(1, "in", style="ordered"),
        bullets(0, "two"),
    ) == ("<ul><li>one<ol><li>in</li></ol></li><li>two</li></ul>")


def numbered(offset, *items, indent=0):
    """An ordered list after ``offset`` other items."""
    elements = [section(text(item)) for item in items]
    shape = {"style": "ordered", "indent": indent, "offset": offset}
    return {"type": "rich_text_list", **shape, "elements": elements}


@pytest.mark.parametrize(
    ("elements", "html"),
    [
        (
            [numbered(0, "a", "b"), section(text("then")), numbered(2, "c")],
            '<ol><li>a</li><li>b</li></ol><p>then</p><ol start="3"><li>c</li></ol>',
        ),
        (
            [numbered(89, "Goal"), numbered(89, "Yellow")],
            '<ol start="90"><li>Goal</li><li value="90">Yellow</li></ol>',
        ),
        (
            [numbered(0, "a", "b"), numbered(0, "c", "d")],
            "<ol><li>a</li><li>b</li><li>c</li><li>d</li></ol>",
        ),
        (
            [numbered(23, "Goal", "Yellow")],
            '<ol start="24"><li>Goal</li><li>Yellow</li></ol>',
        ),
        (
            [numbered(0, "a"), numbered(0, "x", indent=1), numbered(1, "b")],
            "<ol><li>a<ol><li>x</li></ol></li><li>b</li></ol>",
        ),
        (
            [numbered(0, "a"), bullets(1, "x"), numbered(0, "b")],
            "<ol><li>a<ul><li>x</li></ul></li><li>b</li></ol>",
        ),
        (
            [numbered(0, "a"), bullets(0, "x"), numbered(1, "b")],
            '<ol><li>a</li></ol><ul><li>x</li></ul><ol start="2"><li>b</li></ol>',
        ),
        ([numbered("x", "a"), numbered(-5, "b")], "<ol><li>a</li><li>b</li></ol>"),
    ],
)
def test_lists_keep_their_numbers(elements, html):
    assert rich_html(*elements) == html


def test_lists_nested_deeper_than_slack_does_keep_their_text():
    deep = [bullets(level, f"item {level}") for level in range(40)]
    html = rich_html(*deep)
    assert [f"item {level}" in html for level in range(40)] == [True] * 40


def test_code_keeps_everything_that_slack_shows_in_it():
    mention = {"type": "user", "user_id": "U1"}
    emoji = {"type": "emoji", "name": "tada", "unicode": "1f389"}
    link = {"type": "link", "url": "https://a.example"}
    code = [text("by "), mention, text(" "), emoji, text("\n"), link]
    block = {"type": "rich_text_preformatted", "elements": code}
    assert rich_html(block) == "<pre>by @Ann 🎉\nhttps://a.example</pre>"


def test_lists_of_two_styles_are_two():
    assert rich_html(bullets(0, "a"), bullets(0, "b", style="ordered")) == (
        "<ul><li>a</li></ul><ol><li>b</li></ol>"
    )


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("Goal &lt;3 &amp;amp; *Ajax*", "Goal &lt;3 &amp;amp; <b>Ajax</b>"),
        ("*a _b_ c* ~d~", "<b>a <i>b</i> c</b> <s>d</s>"),
        ("_*both*_", "<b><i>both</i></b>"),
        ("*a _b* c_", "<b>a <i>b</i></b><i> c</i>"),
        ("snake_case_name 2*3*4 * no *", "snake_case_name 2*3*4 * no *"),
        ("*open\nline*", "*open<br>line*"),
        ("** a", "** a"),
        ("`*x* &amp; _y_`", "<code>*x* &amp; _y_</code>"),
        (":tada: :wave::skin-tone-4: :ajax:", "🎉 👋🏽 :ajax:"),
        (
            "`<https://a.example/|a.example> &lt;b&gt;`",
            "<code>a.example &lt;b&gt;</code>",
        ),
        ("10:100:20", "10:100:20"),
        ("<@U1> <@U2|bob> <@U3>", "@Ann @bob @someone"),
        ("<#C1> <#C2|rugby>", "#football #rugby"),
        ("<!here> <!subteam^S1> <!subteam^S2|@eds>", "@here @desk @eds"),
        ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
        (
            "*<https://a.example/?x=1&amp;y=_2_|the _report>*",
            '<a href="https://a.example/?x=1&amp;y=_2_" rel="noopener">'
            "<b>the _report</b></a>",
        ),
        (
            "<mailto:ann@a.example>",
            '<a href="mailto:ann@a.example" rel="noopener">ann@a.example</a>',
        ),
        ("<javascript:alert(1)|x> < y", "x &lt; y"),
    ],
)
def test_mrkdwn_is_shown_where_there_is_no_rich_text(words, html):
    assert mrkdwn_html(words) == f"<p>{html}</p>"


def test_quotes_and_code_of_mrkdwn_are_blocks():
    words = "She said:\n&gt; I *won*.\n&gt;Twice.\nThen\n```a &lt; b\n<https://c.example>```"
    assert mrkdwn_html(words) == (
        "<p>She said:</p>"
        "<blockquote><p>I <b>won</b>.<br>Twice.</p></blockquote>"
        "<p>Then</p><pre>a &lt; b\nhttps://c.example</pre>"
    )


def test_three_signs_quote_all_that_follows():
    assert mrkdwn_html("a\n&gt;&gt;&gt;b\n\nc") == (
        "<p>a</p><blockquote><p>b</p><p>c</p></blockquote>"
    )


@pytest.mark.parametrize("vector", ALL_VECTORS)
def test_a_vector_stays_text(vector):
    """C2: also as a URL, a label, an emoji or a person's name."""
    rich = rich_html(
        section(
            text(vector),
            {"type": "link", "url": vector, "text": vector},
            {"type": "emoji", "name": vector},
            {"type": "broadcast", "range": vector},
        )
    )
    mrkdwn = mrkdwn_html(f"{vector} <{vector}|{vector}> :{vector}: <@U2|{vector}>")
    for html in (rich, mrkdwn):
        tags = {part.partition(">")[0].split(" ")[0] for part in html.split("<")[1:]}
        assert {tag.strip("/") for tag in tags} <= {"p", "br", "a", "blockquote"}
