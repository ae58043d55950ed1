"""Rich text from outside is made safe to store."""

import pytest

from wagtail_live.rich_text import clean_rich_text

VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<body onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVa\tScRiPt:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='https://e.example' onclick='alert(1)'>x</a>",
    "<a linktype='page' id='1'>x</a>",
    "<embed embedtype='image' id='1' format='left' alt='x'>",
    "<math><mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example'>",
    "<p style='background:url(javascript:alert(1))' class='x' id='y'>x</p>",
    "<form action='https://evil.example'><input name='x'></form>",
    "<p title='\"><script>alert(1)</script>'>x</p>",
    '<b><a href="https://e.example/" onmouseover="alert(1)">x' * 50,
]
FORBIDDEN = (
    *("<script", "onerror", "onload", "onclick", "onmouseover", "javascript:"),
    *("vbscript:", "data:", "<svg", "<math", "<iframe", "<embed", "<img", "<form"),
    *("style=", "class=", "id=", "//evil", "<meta", "<base", "<template", "alert(1)<"),
)


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_harmful_is_left(vector):
    """C2: vectors of published cheat sheets."""
    cleaned = clean_rich_text(f"<p>before</p>{vector}<p>after</p>")
    assert "before" in cleaned
    assert not [word for word in FORBIDDEN if word in cleaned.lower()]
    assert clean_rich_text(cleaned) == cleaned


def test_ordinary_formatting_is_kept():
    html = (
        "<h2>A</h2><p><b>b</b> <em>e</em> <s>s</s> <code>c</code><br>x</p>"
        "<ul><li>1</li></ul><blockquote>q</blockquote>"
        '<p><a href="https://e.example/?a=1&amp;b=2" rel="noopener">l</a></p>'
    )
    assert clean_rich_text(html) == html


def test_inline_text_becomes_a_paragraph():
    assert clean_rich_text("3 < 4 & <b>5</b>") == "<p>3 &lt; 4 &amp; <b>5</b></p>"


def test_control_and_direction_characters_are_removed():
    assert clean_rich_text("a\0b\u202ec\u2066d\x85e") == "<p>abcde</p>"


def test_right_to_left_text_emoji_and_joiners_stay():
    text = "مرحبا 👩‍👩‍👧 שלום"
    assert clean_rich_text(text) == f"<p>{text}</p>"


@pytest.mark.parametrize("empty", ["", "  ", "<p></p><script>x</script>", "\0"])
def test_empty_text_stays_empty(empty):
    assert "x" not in clean_rich_text(empty)
