"""Telegram's text formatting is kept on the page.

The entities follow core.telegram.org/bots/api#messageentity.
"""

from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from telegram import Message, MessageEntity

from tests.receivers.vectors import ALL_VECTORS
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.telegram.text import from_entities, read_entities

MARKS = ("bold", "italic", "underline", "strikethrough", "code")


def entity(kind, offset, length, **more):
    return {"type": kind, "offset": offset, "length": length, **more}


def html(text, *entities):
    return to_html(from_entities(text, entities))


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        ([entity("bold", 3, 4)], "<p>😀 <b>Goal</b> now</p>"),
        ([entity("bold", 0, 7), entity("italic", 3, 4)], "<p><b>😀 <i>Goal</i></b> now</p>"),
        ([entity("bold", 0, 5), entity("italic", 3, 4)], "<p><b>😀 <i>Go</i></b><i>al</i> now</p>"),
        ([entity("underline", 8, 999)], "<p>😀 Goal <u>now</u></p>"),
        ([entity("bold", 1, 1)], "<p><b>😀</b> Goal now</p>"),
        ([entity("bold", 0, 1)], "<p><b>😀</b> Goal now</p>"),
        ([entity("custom_emoji", 0, 2)], "<p>😀 Goal now</p>"),
        ([entity("text_mention", 3, 4, user={"id": 1})], "<p>😀 Goal now</p>"),
        ([entity("of_the_future", 3, 4)], "<p>😀 Goal now</p>"),
        ([entity("bold", -3, 5)], "<p>😀 Goal now</p>"),
        ([entity("bold", 3, 0)], "<p>😀 Goal now</p>"),
        ([entity("bold", 99, 5)], "<p>😀 Goal now</p>"),
        ([entity("bold", "3", None)], "<p>😀 Goal now</p>"),
        ([entity("bold", 2**70, 2**70)], "<p>😀 Goal now</p>"),
        ([entity(["bold"], 3, 4)], "<p>😀 Goal now</p>"),
    ],
)  # fmt: skip
def test_offsets_count_utf_16_code_units(entities, expected):
    assert html("😀 Goal now", *entities) == expected


def test_a_link_has_the_url_of_its_entity():
    linked = entity("text_link", 9, 7, url="https://wagtail.org")
    assert html("😀😀 see wagtail now", linked, entity("bold", 9, 3)) == (
        '<p>😀😀 see <a href="https://wagtail.org" rel="noopener">'
        "<b>wag</b>tail</a> now</p>"
    )


@pytest.mark.parametrize(
    ("kind", "text", "href"),
    [
        ("url", "https://a.example/x", "https://a.example/x"),
        ("url", "a.example", "https://a.example"),
        ("email", "ann@a.example", "mailto:ann@a.example"),
    ],
)
def test_a_url_is_a_link(kind, text, href):
    assert html(text, entity(kind, 0, len(text))) == (
        f'<p><a href="{href}" rel="noopener">{text}</a></p>'
    )


def test_quotes_and_code_are_blocks():
    text = "She said:\nI won.\n\nTwice.\nx = 1\nThen"
    assert html(
        text,
        entity("blockquote", 10, 14),
        entity("bold", 12, 3),
        entity("pre", 25, 5, language='py"><x'),
    ) == (
        "<p>She said:</p><blockquote><p>I <b>won</b>.</p><p>Twice.</p></blockquote>"
        "<pre>x = 1</pre><p>Then</p>"
    )


def test_code_within_a_quote_stays_there():
    assert html("a\nb", entity("expandable_blockquote", 0, 3), entity("pre", 2, 1)) == (
        "<blockquote><p>a</p><pre>b</pre></blockquote>"
    )


@pytest.mark.parametrize("vector", ALL_VECTORS)
@pytest.mark.parametrize("kind", ["text_link", "url", "pre", "email"])
def test_a_vector_stays_text(kind, vector):
    """C2: also as a URL or a language, which python-telegram-bot does not escape."""
    length = len(vector.encode("utf-16-le")) // 2
    shown = html(vector, entity(kind, 0, length, url=vector, language=vector))
    tags = {part.partition(">")[0].split(" ")[0] for part in shown.split("<")[1:]}
    assert tags <= {"p", "/p", "a", "/a", "pre", "/pre", "br"}
    assert "javascript:" not in shown.partition(">")[0]


@pytest.mark.parametrize(
    ("text", "entities", "expected"),
    [
        ("It was Ann!", [entity("spoiler", 7, 3)], "<p>It was […]!</p>"),
        ("😀 Ann", [entity("spoiler", 3, 1), entity("spoiler", 4, 2)], "<p>😀 […]</p>"),
        (
            "a secret b",
            [entity("spoiler", 2, 6), entity("bold", 4, 2), entity("bold", 0, 3)],
            "<p><b>a […]</b> b</p>",
        ),
        (
            "see here",
            [
                entity("text_link", 0, 8, url="https://a.example"),
                entity("spoiler", 4, 4),
            ],
            '<p><a href="https://a.example" rel="noopener">see </a>[…]</p>',
        ),
        ("a\n\nb", [entity("spoiler", 0, 9)], "<p>[…]</p>"),
        (
            "q\nr",
            [entity("blockquote", 0, 3), entity("spoiler", 2, 1)],
            "<blockquote><p>q<br>[…]</p></blockquote>",
        ),
    ],
)
def test_spoilers_are_left_out(text, entities, expected):
    assert html(text, *entities) == expected


def test_spoilers_are_left_out_after_any_number_of_entities():
    bold = [entity("bold", 0, 1)] * 5000
    assert html("a secret", *bold, entity("spoiler", 2, 6)) == "<p><b>a</b> […]</p>"


class Marked(HTMLParser):
    """A parser that collects each character with the tags around it."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.characters = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "br":
            self.handle_data("\n")
        elif tag != "p":
            self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag in self.tags:
            self.tags.remove(tag)

    def handle_data(self, data):
        tags = frozenset(self.tags)
        self.characters += [(character, tags) for character in data]


texts = st.text(st.sampled_from("ab <&é€😀👨\u200d👩🏽🇳"), min_size=1, max_size=30)


def unit_offsets(text):
    return [len(text[:end].encode("utf-16-le")) // 2 for end in range(len(text) + 1)]


@given(st.data(), texts)
def test_an_entity_holds_for_the_text_that_telegrams_library_says(data, text):
    """The oracle is ``Message.parse_entity`` of python-telegram-bot."""
    offsets = unit_offsets(text)
    start, end = sorted(data.draw(st.tuples(*[st.sampled_from(offsets)] * 2)))
    assume(start < end)
    sent = entity("bold", start, end - start)
    oracle = Message(1, None, None, text=text)
    (ours,) = read_entities(text, [sent])
    expected = oracle.parse_entity(MessageEntity("bold", start, end - start))
    assert text[ours.start : ours.end] == expected


@given(st.data(), texts.map(lambda text: f"({text})"))
def test_nested_entities_read_as_telegrams_library_shows_them(data, text):
    """The oracle is ``Message.text_html`` of python-telegram-bot."""
    offsets = unit_offsets(text)
    start, end, sent = 0, len(text), []
    for kind in data.draw(st.permutations(MARKS[:4])):
        start, end = sorted(
            data.draw(st.tuples(*[st.integers(start, end)] * 2), label=kind)
        )
        if start < end:
            sent.append(entity(kind, offsets[start], offsets[end] - offsets[start]))
    entities = [MessageEntity.de_json(one, None) for one in sent]
    oracle = Message(1, None, None, text=text, entities=entities)
    assert Marked(html(text, *sent)).characters == Marked(oracle.text_html).characters


@given(
    st.text(st.sampled_from("ab <&😀👩🏽\n")),
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from([*MARKS, "pre", "url", "blockquote", "x"]),
                "offset": st.integers(-3, 30),
                "length": st.integers(-3, 30),
            }
        )
    ),
)
def test_no_character_is_lost_or_doubled(text, entities):
    """With any entities: crossing, too long, or splitting a character."""
    body = from_entities(text, entities)
    shown = "".join(texts_of(body))
    assert "".join(shown.split()) == "".join(text.split())


def texts_of(node):
    if isinstance(node, tuple):
        for child in node:
            yield from texts_of(child)
    for name in ("text", "children", "blocks"):
        value = getattr(node, name, "")
        yield value if isinstance(value, str) else "".join(texts_of(value))
