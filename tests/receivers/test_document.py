"""A message's text becomes rich text that is safe and keeps its meaning."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.receivers.vectors import ALL_VECTORS
from wagtail_live.receivers.document import (
    Emoji,
    LineBreak,
    Link,
    List,
    Mention,
    Paragraph,
    Preformatted,
    Quote,
    Text,
    paragraphs,
    safe_url,
    split_at_lone_links,
    to_html,
)

BOLD = frozenset({"bold"})
BOTH = frozenset({"bold", "italic"})
VIDEO = "https://video.example/1"


def paragraph(*children):
    return Paragraph(children)


def tags_of(html):
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append(
        (tag, dict(attributes))
    )
    parser.feed(html)
    return found


@pytest.mark.parametrize(
    ("block", "html"),
    [
        (paragraph(Text("Goal <3 & more")), "<p>Goal &lt;3 &amp; more</p>"),
        (
            paragraph(Text("a", BOLD), Text("b", BOTH), Text("c")),
            "<p><b>a<i>b</i></b>c</p>",
        ),
        (paragraph(Text("a"), LineBreak(), Text("b\nc")), "<p>a<br>b<br>c</p>"),
        (paragraph(Emoji("🎉"), Mention("Ann")), "<p>🎉@Ann</p>"),
        (Preformatted("x\n  <y>"), "<pre>x\n  &lt;y&gt;</pre>"),
        (
            Quote((paragraph(Text("She won.")),)),
            "<blockquote><p>She won.</p></blockquote>",
        ),
        (
            List(
                (
                    (paragraph(Text("one")), List(((paragraph(Text("in")),),))),
                    (paragraph(Text("two")),),
                ),
                ordered=True,
            ),
            "<ol><li>one<ul><li>in</li></ul></li><li>two</li></ol>",
        ),
    ],
)
def test_each_block_has_its_html(block, html):
    assert to_html([block]) == html


def test_a_link_has_its_url():
    link = Link("https://a.example/?x=1&y=2", (Text("report", BOLD),))
    assert to_html([paragraph(link)]) == (
        '<p><a href="https://a.example/?x=1&amp;y=2" rel="noopener">'
        "<b>report</b></a></p>"
    )


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)"),
        *("data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil.example"),
        *("/relative", "", "https://", "https://[bad", "\x01javascript:alert(1)"),
        *("sms:1", "ftp://a.example", "https\ud800://x"),
    ],
)
def test_a_link_to_anything_else_is_only_text(url):
    """C1, C2."""
    assert safe_url(url) in ("", "https://x")
    if not safe_url(url):
        assert "<a" not in to_html([paragraph(Link(url, (Text("label"),)))])


@pytest.mark.parametrize("vector", ALL_VECTORS)
def test_a_vector_stays_text_wherever_it_stands(vector):
    """C2: nothing from a platform becomes a tag."""
    blocks = [
        paragraph(Text(vector, BOTH), Mention(vector), Emoji(vector)),
        paragraph(Link(vector, (Text(vector),)), Link(f"https://a.example/{vector}")),
        Preformatted(vector),
        Quote((paragraph(Text(vector)),)),
        List(((paragraph(Text(vector)),),)),
    ]
    for tag, attributes in tags_of(to_html(blocks)):
        assert tag in ("a", "b", "blockquote", "br", "i", "li", "p", "pre", "ul")
        assert attributes.keys() <= {"href", "rel"}
        assert attributes.get("href", "https://").startswith("https://")


def test_invisible_characters_go():
    """C1: bidirectional overrides, control characters, NUL and lone surrogates."""
    text = "a\u202eb\x1fc\x00d\x9fe\ud800f"
    html = to_html([paragraph(Text(text)), Preformatted(text)])
    assert html == "<p>abcdef</p><pre>abcdef</pre>"


def test_right_to_left_text_and_joined_emoji_stay():
    """C1: text in any language is kept."""
    text = "هدف! שער 👨‍👩‍👧"
    assert to_html([paragraph(Text(text))]) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "block",
    [
        paragraph(),
        paragraph(Text(" \n\u200b")),
        paragraph(Text("\x00\u202e"), LineBreak()),
        Preformatted(" \n"),
        Quote(()),
        List(((), (paragraph(),))),
    ],
)
def test_blank_text_is_empty(block):
    assert to_html([block]) == ""


def test_blocks_nested_beyond_reason_end_somewhere():
    """S9."""
    block = paragraph(Text("deep"))
    for _ in range(10_000):
        block = Quote((block,))
    assert "deep" not in to_html([block])


def test_a_blank_line_ends_a_paragraph_and_a_newline_a_line():
    body = paragraphs([Text("a\nb\n \n\nc "), Text("d", BOLD), Text("\n\n")])
    assert to_html(body) == "<p>a<br>b</p><p>c <b>d</b></p>"


def test_a_link_alone_on_its_line_is_taken_out():
    """C4."""
    body = paragraphs(
        [Text("Look:\n"), Link(VIDEO, (Text(VIDEO),)), Text("\nGreat\n\n"), Link(VIDEO)]
    )
    before, first, after, second = split_at_lone_links(body)
    assert (to_html(before), to_html(after)) == ("<p>Look:</p>", "<p>Great</p>")
    assert first == second == VIDEO


@pytest.mark.parametrize(
    "line",
    [
        (Text("see "), Link(VIDEO)),
        (Link(VIDEO), Text(" here")),
        (Link(VIDEO), Link(VIDEO)),
        (Link(VIDEO, (Text("the goal"),)),),
        (Link("http://video.example/1"),),
        (Link("javascript:alert(1)"),),
    ],
)
def test_any_other_link_stays_in_its_text(line):
    """C4: only an ``https`` URL alone on its line."""
    assert split_at_lone_links([Paragraph(line)]) == [(Paragraph(line),)]


texts = st.text(st.characters(exclude_categories=()))
inlines = st.lists(
    st.one_of(
        st.builds(Text, texts, st.frozensets(st.sampled_from(["bold", "code", "x"]))),
        st.builds(Link, texts),
        st.builds(Emoji, texts),
        st.builds(LineBreak),
    )
)


@given(inlines)
def test_any_text_can_be_stored(children):
    """S9: no NUL, no lone surrogate, and only safe links are taken out."""
    body = paragraphs(children)
    assert b"\x00" not in to_html(body).encode()
    for part in split_at_lone_links(body):
        if isinstance(part, str):
            assert safe_url(part) == part
        else:
            to_html(part).encode()
