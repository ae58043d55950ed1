"""Texts have only characters that are safe, and are shortened as people read them."""

import pytest

from wagtail_live.text import normalise, normalise_line, shorten, to_text

FAMILY = "👩🏽‍👩🏻‍👧‍👦"
FLAGS = "🇳🇱🇧🇪🇩🇪"


@pytest.mark.parametrize(
    "sign",
    ["\0", "\x01", "\x1f", "\x7f", "\x9f", "\u202e", "\ud83d", "\ufffe", "\U0010ffff"],
)
def test_invisible_characters_are_removed(sign):
    assert normalise(f"a{sign}b") == "ab"


@pytest.mark.parametrize(
    "text",
    [
        "\u2066שלום\u2069",  # isolates
        "می\u200cخواهم",  # a non-joiner
        f"{FAMILY} ❤️ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100",  # a variation of a Chinese character
        "tab\tand\nline",
    ],
)
def test_signs_that_languages_and_emoji_need_stay(text):
    assert normalise(text) == text


def test_signs_of_word_processors_keep_their_meaning():
    assert normalise("one\vtwo\ftwo\u2028three\r\nfour\rfive") == (
        "one\ntwo\ntwo\nthree\nfour\nfive"
    )
    assert normalise("Ajax\x072\x1e1") == "Ajax 2\u20111"


def test_a_title_has_one_line():
    assert normalise_line(" Score 2\v1 minute\r\n\tleft ") == "Score 2 1 minute left"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Score 2<br>1 minute left</p>", "Score 2 1 minute left"),
        ("<p>Score 2<br/>1 minute left</p>", "Score 2 1 minute left"),
        ("<ul><li>One</li><li>Two</li></ul><p>Three</p>", "One Two Three"),
        ("<blockquote>a</blockquote><h3>b</h3><pre>c\nd</pre>e", "a b c d e"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("<p>sev<b>en</b> e<a href='https://e.example/'>igh</a>t</p>", "seven eight"),
        ("<p>5 &lt; 6 &amp;amp; &quot;7&quot;&#11;8</p>", '5 < 6 &amp; "7" 8'),
        ('<p><a href="https://e.example/?a>b">c</a></p>', "c"),
    ],
)
def test_words_of_lines_and_blocks_stay_apart(html, text):
    assert to_text(html) == text


def test_a_text_ends_between_words():
    text = "one two three four"
    assert shorten(text, words=3, characters=100) == "one two three…"
    assert shorten(text, words=9, characters=12) == "one two…"
    assert shorten(text, words=4, characters=18) == text


@pytest.mark.parametrize(
    "text",
    [
        "試合は後半に入り、" * 20,
        "การแข่งขัน" * 20,
        "Go" + "o" * 300,
        "https://e.x/" + "y" * 99,
    ],
)
def test_text_without_spaces_ends_between_characters(text):
    short = shorten(text, words=12, characters=50)
    assert 40 <= len(short) <= 50
    assert text.startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    "seen_as_one",
    [
        FAMILY,
        "🇳🇱",
        "e\u0301\u0323",
        "👍🏽",
        "❤️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "กำ",
        "นี้",
        "क्षि",
        "\u1112\u1161\u11ab",
        "1️⃣",
    ],
)
def test_what_is_seen_as_one_character_stays_whole(seen_as_one):
    for before in range(12):
        text = "x" * before + seen_as_one * 60
        short = shorten(text, words=12, characters=40).removesuffix("…")
        assert len(short) > 20
        assert short[before:] == seen_as_one * short.count(seen_as_one)


def test_signs_without_end_are_cut_nevertheless():
    assert len(shorten("a" + "\u0301" * 500, words=12, characters=40)) == 40


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<ol start="24"><li>Minute: Goal!</li></ol>', "24. Minute: Goal!"),
        (
            '<ol start="90"><li>a</li><li value="90">b<ul><li>x</li></ul></li>'
            "<li>c<ol><li>d</li></ol></li></ol><ul><li>e</li></ul>",
            "90. a 90. b x 91. c 1. d e",
        ),
        ('<ol type="a"><li>a</li></ol>', "a"),
        ('<ol reversed=""><li>a</li></ol>', "a"),
        ("</ol><li>a</li>", "a"),
    ],
)
def test_the_text_of_a_list_has_its_numbers(html, text):
    assert to_text(html) == text
