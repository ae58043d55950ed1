"""The text and HTML of e-mails, without signatures and quoted text."""

import pytest

from wagtail_live.receivers.composing import to_part
from wagtail_live.receivers.email.html import read_html
from wagtail_live.receivers.email.text import cut, read_text


@pytest.mark.parametrize(
    ("text", "own", "is_cut"),
    [
        ("Goal!\r\n\r\nBy Ann.", "Goal!\n\nBy Ann.", False),
        ("Goal\n-- \nAnn\nThe Paper", "Goal", False),
        ("Goal\n--\nAnn", "Goal", False),
        ("Score -- so far\n--- x", "Score -- so far\n--- x", False),
        (
            "Goal\n\nOn Mon, 1 Jun 2026, Bob <b@p.example>\nwrote:\n\n> x\n> y",
            "Goal",
            True,
        ),
        ("Goal\n\nAm 01.06.2026 um 15:00 schrieb Bob:\n> x", "Goal", True),
        ("The score:\n> 2:1\nend", "The score:\nend", True),
        ("> question\nanswer", "answer", True),
        ("Goal\n\n-----Ursprüngliche Nachricht-----\nVon: x", "Goal", True),
        ("Goal\n---------- Forwarded message ---------\nx", "Goal", True),
        (
            "Goal\n\n____________\nFrom: B <b@p.example>\nSent: Mon\nTo: A\n\nx",
            "Goal",
            True,
        ),
        ("Home: 2\nAway: 1\nCorners: 3", "Home: 2\nAway: 1\nCorners: 3", False),
        ("Goal\n\nSent from my iPhone", "Goal", False),
        ("Tor\n\nVon meinem iPhone gesendet\n", "Tor", False),
        ("wrapped \nline\n\nnext", "wrapped line\n\nnext", False),
        ("", "", False),
    ],
)
def test_what_the_sender_has_written(text, own, is_cut):
    found, was_cut = cut(text)
    assert (found.strip(), was_cut) == (own, is_cut)


def html_of(html):
    found = read_html(html)
    return "".join(
        item.get("text", f"[{item.get('link')}]") for item in to_part(found.body)
    )


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (
            "<div>First <b>bold</b></div><div><br></div><div>Second</div>",
            "<p>First <b>bold</b></p><p>Second</p>",
        ),
        ("<p>One</p><p>&nbsp;</p>\n<p>Two<br></p>", "<p>One</p><p>Two</p>"),
        ("<h1>Big</h1><ul><li>a</li></ul>", "<h2>Big</h2><ul><li>a</li></ul>"),
        ("Goal<div>-- <br>Ann</div>", "<p>Goal</p>"),
        ('Goal<div id="Signature">Ann</div>', "<p>Goal</p>"),
        ('Goal<div class="gmail_quote">x<div>y</div>z</div>', "<p>Goal</p>"),
        ('Goal<blockquote type="cite">x</blockquote> end', "<p>Goal end</p>"),
        ("<blockquote>a quote</blockquote>", "<blockquote>a quote</blockquote>"),
        ('Goal<div id="appendonsend"></div><hr><div>x</div>', "<p>Goal</p>"),
        (
            'Goal<div style="border-top:solid #E1E1E1 1.0pt"><p>x</p></div>',
            "<p>Goal</p>",
        ),
        ("<p>Goal</p><p>Sent from my iPhone</p>", "<p>Goal</p>"),
        ("<title>t</title><style>p{}</style><p>Goal</p>", "<p>Goal</p>"),
        ("<p>a<script>alert(1)</script><img src=x onerror=y></p>", "<p>a</p>"),
        ('<a href="javascript:x">a</a> <a href="/b">b</a>', "<p>a b</p>"),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        ("<o:p>a &lt;b&gt; &amp; 👩‍👩‍👧</o:p>", "<p>a &lt;b&gt; &amp; 👩‍👩‍👧</p>"),
        (
            '<p>See <a href="https://a.example/?a=1&amp;b=2">here</a></p>',
            '<p>See <a href="https://a.example/?a=1&amp;b=2" rel="noopener">here</a></p>',
        ),
        (
            '<p><a href="https://a.example/x">https://a.example/x</a></p>',
            "[https://a.example/x]",
        ),
        ("", ""),
        ("<p>", ""),
    ],
)
def test_the_html_that_the_sender_has_written(html, shown):
    assert html_of(html) == shown


def test_images_in_what_was_cut_are_known():
    found = read_html(
        '<img src="cid:goal%40p" alt="Goal"><div class="gmail_signature">'
        '<img src="CID:logo"></div><img src="https://track.example/">'
    )
    assert found.images == {"goal@p": "Goal"}
    assert found.cut_images == {"logo"}
    assert not found.is_cut


def test_links_in_plain_text():
    (before, link) = to_part(
        read_text("Goal https://a.example/1.\n\nhttps://b.example/").body
    )
    assert 'href="https://a.example/1"' in before["text"]
    assert link["link"] == "https://b.example/"
