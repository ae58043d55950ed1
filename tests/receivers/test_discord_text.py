"""Discord's text formatting is kept on the page.

The marks follow docs.discord.com/developers/reference#message-formatting.
"""

import time

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
        (r"\*plain\* ||spoiler||", "*plain* spoiler"),
        ("`**x**`", "<code>**x**</code>"),
        ("<:ajax:123> <a:party:1>", ":ajax: :party:"),
        ("<@4> <@!4> <@5> <@&6> <#7>", "@Ann @Ann @someone @group #channel"),
        ("<t:1700000000:R>", "2023-11-14 22:13 UTC"),
        ("https://a.example/x_y_z now", link("https://a.example/x_y_z") + " now"),
        ("<https://a.example>", link("https://a.example")),
        ("**[it](https://a.example)**", link("https://a.example", "<b>it</b>")),
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


def test_three_signs_quote_all_that_follows():
    assert html("a\n>>> b\nc") == "<p>a</p><blockquote><p>b<br>c</p></blockquote>"


@pytest.mark.parametrize("vector", ALL_VECTORS)
def test_a_vector_stays_text(vector):
    """C2."""
    shown = html(f"{vector} [{vector}]({vector}) <{vector}>\n```{vector}```")
    tags = {part.partition(">")[0].split(" ")[0] for part in shown.split("<")[1:]}
    assert not tags & {"script", "img", "svg", "iframe", "form", "embed", "style"}
    assert "javascript:" not in "".join(shown.split('href="')[1:]).partition('"')[0]


@pytest.mark.parametrize("sign", ["*", "**a", "_", "`", "<", "[", "[a](", "\\", "> - "])
def test_no_text_takes_long(sign):
    """F-06: the longest run of each mark takes less than a second of processor time."""
    start = time.thread_time()
    html(sign * (10_000 // len(sign)))
    assert time.thread_time() - start < 1
