"""Tables keep their cells and documents their headings when they are pasted."""

import pytest
from playwright.sync_api import expect

from wagtail_live.models import LivePost

TABLE = """<p>Final score</p>
<table><caption>Group A</caption><thead><tr><th>Team</th><th>Points</th></tr></thead>
<tbody><tr><td>Reds &amp; <b>Co</b></td><td>7</td></tr>
<tr><td>Blues<br>United</td><td></td></tr></tbody></table>"""
SHEET = "Team\tPoints\nReds\t7\n"
WORD = '<p class="MsoHeading1">Half-time</p><p class="MsoNormal">Tea</p>'


@pytest.fixture
def saved(desk):
    """Publish what the composer has; return the HTML of its text."""

    def publish():
        desk.send()
        expect(desk.posts).to_have_count(1)
        return LivePost.objects.get().content[0].value.source

    return publish


def lines(desk):
    return desk.editor.locator("[data-block]")


def test_a_table_keeps_its_cells(desk):
    desk.paste(text="Team Points", html=TABLE)
    expect(lines(desk)).to_have_text(
        ["Final score", "Group A", "Team | Points", "Reds & Co | 7", "Blues United |"]
    )


def test_the_cells_of_a_spreadsheet(desk):
    desk.paste(text=SHEET)
    expect(lines(desk)).to_have_text(["Team | Points", "Reds | 7"])


@pytest.mark.parametrize(
    ("html", "tags"),
    [
        ("<h1>Match</h1><p>It is on</p><h2>Half-time</h2><h5>Tea</h5>", "h3 h4 h4"),
        ("<h2>Match</h2><p>It is on</p>", "h3"),
        (WORD, "h3"),
    ],
)
def test_headings_stay_headings(desk, saved, html, tags):
    desk.paste(text="Match", html=html)
    html = saved()
    found = [part[:2] for part in html.split("<") if part.startswith("h")]
    assert found == tags.split()


def test_other_text_is_pasted_as_before(desk, saved):
    desk.paste(text="Goal", html="<p>A <b>goal</b></p><ul><li>One</li></ul>")
    html = saved()
    assert "<b>goal</b>" in html
    assert "<ul>" in html
