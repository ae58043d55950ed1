"""Discord's text formatting is kept on the page.

The marks follow docs.discord.com/developers/reference#message-formatting.
"""

import re

import pytest

from tests.receivers.vectors import ALL_VECTORS
from wagtail_live.receivers.discord.text import from_markdown
from wagtail_live.receivers.document import to_html


def html(text):
    return to_html(from_markdown(text, {"4": "Ann"}))


def link(url, label=None):
    return f'<a href="{url}" rel="noopener">{label or url}</a>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Goal** <3 & *more*", "<b>Goal</b> &lt;3 &amp; <i>more</i>"),
        ("***both*** __u__ ~~s~~ _i_", "<b><i>both</i></b> <u>u</u> <s>s</s> <i>i</i>"),
        ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
        (r"\*plain\* ||spoiler||", "*plain* […]"),
        ("`**x**`", "<code>**x**</code>"),
        ("<:ajax:123> <a:party:1>", ":ajax: :party:"),
        ("<@4> <@!4> <@5> <@&6> <#7>", "@Ann @Ann @someone @group #channel"),
        ("<t:1700000000:R>", "2023-11-14 22:13 UTC"),
        ("https://a.example/x_y_z now", link("https://a.example/x_y_z") + " now"),
        ("<https://a.example>", link("https://a.example")),
        ("**[it](https://a.example)**", link("https://a.example", "<b>it</b>")),
        (f"</goal:{4**20}> now", "/goal now"),
        ("`` a`b `` ` c ` `d``e`", "<code>a`b</code> <code>c</code> <code>d``e</code>"),
        ("#### a\n#b", "#### a<br>#b"),
        (r"1\. a", "1. a"),
        ("[it](javascript:alert(1))", "[it](javascript:alert(1))"),
        ("**open", "**open"),
    ],
)
def test_markdown_is_shown(text, expected):
    assert html(text) == f"<p>{expected}</p>"


def test_lines_are_blocks():
    assert html(
        "# Half time\nOne\ntwo\n\n- a\n- **b**\n1. c\n> I won.\n```py\nx = 1\n```end"
    ) == (
        "<p><b>Half time</b></p><p>One<br>two</p>"
        "<ul><li>a</li><li><b>b</b></li></ul><ol><li>c</li></ol>"
        "<blockquote><p>I won.</p></blockquote><pre>x = 1</pre><p>end</p>"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24. Minute: Tor!", '<ol start="24"><li>Minute: Tor!</li></ol>'),
        ("12. Gelb\n13. Tor", '<ol start="12"><li>Gelb</li><li>Tor</li></ol>'),
        (
            "12. Gelb\n24. Tor",
            '<ol start="12"><li>Gelb</li><li value="24">Tor</li></ol>',
        ),
        ("2. b\n1. a", '<ol start="2"><li>b</li><li value="1">a</li></ol>'),
        ("1. a\n1. b", "<ol><li>a</li><li>b</li></ol>"),
        (
            "90. Goal\n90. Yellow",
            '<ol start="90"><li>Goal</li><li value="90">Yellow</li></ol>',
        ),
        (
            "> the code:\n> ```py\n> a\n> ```\n> b",
            "<blockquote><p>the code:</p><pre>a</pre><p>b</p></blockquote>",
        ),
        (">>> ```a```", "<blockquote><pre>a</pre></blockquote>"),
        ("0. a", '<ol start="0"><li>a</li></ol>'),
        (
            "1. a\n\ntext\n2. b",
            '<ol><li>a</li></ol><p>text</p><ol start="2"><li>b</li></ol>',
        ),
        (
            "1. a\n- x\n2. b",
            '<ol><li>a</li></ol><ul><li>x</li></ul><ol start="2"><li>b</li></ol>',
        ),
        ("1. a\n  - x\n2. b", "<ol><li>a<ul><li>x</li></ul></li><li>b</li></ol>"),
        (
            "- a\n  - b\n    1. c\n- d",
            "<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul>",
        ),
        ("- a\n  more\n\nend", "<ul><li>a<br>more</li></ul><p>end</p>"),
        ("It is 3. Really\n2024.5 too", "<p>It is 3. Really<br>2024.5 too</p>"),
        ("# A **b** c\n-# source: police", "<p><b>A b c</b></p><p>source: police</p>"),
        (
            "> - a\n>   - b\n> # c\nd",
            "<blockquote><ul><li>a<ul><li>b</li></ul></li></ul><p><b>c</b></p></blockquote><p>d</p>",
        ),
        ("```c++\n> x\n# y\n```", "<pre>&gt; x\n# y</pre>"),
        ("a ```b``` c", "<p>a</p><pre>b</pre><p>c</p>"),
    ],
)
def test_lists_headings_and_code_are_shown_as_discord_does(text, expected):
    assert html(text) == expected


def test_lists_of_any_depth_keep_their_text():
    shown = html("\n".join(f"{' ' * level}- item {level}" for level in range(60)))
    assert [f"item {level}" in shown for level in range(60)] == [True] * 60


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("Read https://a.example/b.", ["https://a.example/b"]),
        (
            '"https://a.example/b": (https://a.example/c), d',
            ["https://a.example/b", "https://a.example/c"],
        ),
        ("https://a.example/b?", ["https://a.example/b?"]),
        ("https://a.example/A_(b)", ["https://a.example/A_(b)"]),
        ("(see https://a.example/A_(b))", ["https://a.example/A_(b)"]),
        ("[A](https://a.example/A_(b))", ["https://a.example/A_(b)"]),
        ("[A](<https://a.example/A_(b)>)", ["https://a.example/A_(b)"]),
        ("<https://a.example/A_(b)>.", ["https://a.example/A_(b)"]),
        ('[A](https://a.example/b "title")', ["https://a.example/b"]),
        ("[A [b] c](https://a.example/b)", ["https://a.example/b"]),
        (
            "***https://a.example/b***, __https://a.example/c_d__",
            ["https://a.example/b", "https://a.example/c_d"],
        ),
        (
            "~~https://a.example/b~~ _https://a.example/c._",
            ["https://a.example/b", "https://a.example/c"],
        ),
        ("https://a.example/b_", ["https://a.example/b_"]),
        ("HTTPS://A.example/b", ["HTTPS://A.example/b"]),
        (
            "https://a.example/b;https://a.example/c",
            ["https://a.example/b;https://a.example/c"],
        ),
    ],
)
def test_a_url_ends_where_discord_ends_it(text, urls):
    assert re.findall('href="([^"]*)"', html(text)) == urls


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It was ||Ann||!", "<p>It was […]!</p>"),
        ("**a ||b|| c**", "<p><b>a […] c</b></p>"),
        (
            "- a\n- ||secret\n- secret||\n- c",
            "<ul><li>a</li><li>[…]</li><li>c</li></ul>",
        ),
        ("> ||secret\n> secret|| b", "<blockquote><p>[…] b</p></blockquote>"),
        ("# ||secret|| ||secret||", "<p><b>[…] […]</b></p>"),
        ("||```secret```||", "<p>[…]</p>"),
        ("|| https://secret.example ||", "<p>[…]</p>"),
        ("`a || b || c`", "<p><code>a || b || c</code></p>"),
        ("```\na || b || c```", "<pre>a || b || c</pre>"),
        (r"a \|| b \|| c", "<p>a || b || c</p>"),
        ("a || b", "<p>a || b</p>"),
    ],
)
def test_spoilers_are_left_out(text, shown):
    assert html(text) == shown


def test_three_signs_quote_all_that_follows():
    assert html("a\n>>> b\nc") == "<p>a</p><blockquote><p>b<br>c</p></blockquote>"


@pytest.mark.parametrize("vector", ALL_VECTORS)
def test_a_vector_stays_text(vector):
    """C2."""
    shown = html(f"{vector} [{vector}]({vector}) <{vector}>\n```{vector}```")
    tags = {part.partition(">")[0].split(" ")[0] for part in shown.split("<")[1:]}
    assert not tags & {"script", "img", "svg", "iframe", "form", "embed", "style"}
    assert "javascript:" not in "".join(shown.split('href="')[1:]).partition('"')[0]
