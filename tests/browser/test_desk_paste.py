"""Tables become blocks, and documents keep their headings, when they are pasted."""

import pytest
from playwright.sync_api import expect

from wagtail_live.models import LivePost

TABLE = """<p>Final score</p>
<table><caption>Group A</caption><thead><tr><th>Team</th><th>Points</th></tr></thead>
<tbody><tr><td>Reds &amp; <b>Co</b></td><td>7</td></tr>
<tr><td>Blues<br>United</td><td></td></tr></tbody></table><p>What a day</p>"""
ROWS = [["Team", "Points"], ["Reds & Co", "7"], ["Blues United", ""]]
SHEET = "Team\tPoints\nReds\t7\n"
WORD = '<p class="MsoHeading1">Half-time</p><p class="MsoNormal">Tea</p>'


@pytest.fixture
def saved(desk):
    """Publish what the composer has; return its blocks."""

    def publish():
        desk.send()
        expect(desk.posts).to_have_count(1)
        content = LivePost.objects.get().content
        return [
            (child.block_type, getattr(child.value, "source", child.value))
            for child in content
        ]

    return publish


def test_a_table_between_texts(desk, saved):
    desk.paste(text="Team Points", html=TABLE)
    grid = desk.composer.get_by_role("table", name="Table")
    expect(grid.get_by_role("textbox")).to_have_count(6)
    expect(grid.get_by_label("Row 2, column 1")).to_have_value("Reds & Co")
    (_, first), (kind, table), (_, last) = saved()
    assert "Final score" in first
    assert kind == "table"
    assert table == {
        "caption": "Group A",
        "header_row": True,
        "header_column": False,
        "rows": ROWS,
    }
    assert "What a day" in last
    shown = desk.posts.first
    expect(shown.get_by_role("columnheader")).to_have_text(["Team", "Points"])


def test_the_cells_of_a_spreadsheet_are_edited(desk, saved):
    """A table is written by keyboard and with buttons, and other cells are pasted into it."""
    desk.paste(text=SHEET)
    cell = desk.composer.get_by_label("Row 2, column 1")
    cell.fill("Greens")
    cell.press("Enter")
    desk.window.keyboard.type("Blues")
    desk.composer.get_by_role("button", name="Add column").click()
    desk.window.keyboard.type("Goals")
    last = desk.composer.get_by_label("Row 3, column 2")
    last.evaluate(
        """(cell) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "4\\t3\\n5\\t2");
          cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }"""
    )
    desk.composer.get_by_label("Caption").fill("Group A")
    desk.composer.get_by_label("Header column").check()
    [(kind, table)] = saved()
    assert kind == "table"
    assert table == {
        "caption": "Group A",
        "header_row": True,
        "header_column": True,
        "rows": [
            ["Team", "Goals", "Points"],
            ["Greens", "", "7"],
            ["Blues", "4", "3"],
            ["", "5", "2"],
        ],
    }


@pytest.mark.parametrize(
    ("html", "tags"),
    [
        ("<h1>Match</h1><p>It is on</p><h2>Half-time</h2><h5>Tea</h5>", "h3 h4 h4"),
        ("<h2>Match</h2><p>It is on</p>", "h3"),
        (WORD, "h3"),
        ("<table><tr><td><h1>Layout</h1></td></tr></table>", ""),
    ],
)
def test_headings_stay_headings(desk, saved, html, tags):
    desk.paste(text="Match", html=html)
    [(_, html)] = saved()
    found = [part[:2] for part in html.split("<") if part.startswith("h")]
    assert found == tags.split()


def test_other_text_is_pasted_as_before(desk, saved):
    desk.paste(text="Goal", html="<p>A <b>goal</b></p><ul><li>One</li></ul>")
    [(_, html)] = saved()
    assert "<b>goal</b>" in html
    assert "<ul>" in html
