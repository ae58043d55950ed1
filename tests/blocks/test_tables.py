"""Table blocks: what they accept, and how readers, feeds and the API get them."""

import json

import pytest
from wagtail.test.utils.form_data import nested_form_data, streamfield

from tests.admin.desk.requests import url
from wagtail_live.models import LivePost
from wagtail_live.page.rendering import render_post

ROWS = [["Team", "Points"], ["Reds", "7"], ["Blues", "4.5"]]
TABLE = {
    "caption": "Group A",
    "header_row": True,
    "header_column": True,
    "rows": ROWS,
}


def test_a_post_with_a_table(match_page):
    post = match_page.add_live_post([("table", TABLE)])
    html = render_post(post)
    assert '<th scope="col">Team</th>' in html
    assert '<th scope="row">Reds</th>' in html
    assert '<td class="live-post__number">4.5</td>' in html
    assert post.text == "Group A Team Points Reds 7 Blues 4.5"
    assert post.headline == "Group A Team Points Reds 7 Blues 4.5"


@pytest.fixture
def submit(match_page, client, reporter):
    """Publish a table from the form of the desk, given as its field has it."""
    client.force_login(reporter)

    def send(cells):
        content = streamfield([("table", cells)])
        data = nested_form_data({"content": content, "title": "", "author_name": ""})
        return client.post(url("add", match_page), {**data, "action": "publish"})

    return send


def test_the_form_of_the_desk(submit):
    response = submit(json.dumps(TABLE))
    assert response.status_code == 200, response.content
    assert LivePost.objects.get().content[0].value == TABLE


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("{", "A table has rows of cells."),
        ("[" * 20_000, "A table has rows of cells."),
        ('{"rows": [[{}]]}', "The cells of a table are texts or numbers."),
        ('{"rows": [["", " "]]}', "This field is required."),
        (json.dumps({"rows": [["x"]] * 201}), "at most 200 rows and 20 columns"),
    ],
)
def test_what_is_no_table_is_refused(submit, cells, message):
    response = submit(cells)
    assert response.status_code == 422
    assert message in response.json()["html"]
    assert not LivePost.objects.exists()


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ([["Reds", 7], ["Blues"]], [["Reds", "7"], ["Blues", ""]]),
        ({"rows": [["Reds", None, ""], [""]]}, [["Reds"]]),
        ({"rows": [["a\x00b\nc"]]}, [["ab c"]]),
    ],
)
def test_rows_get_one_length(match_page, value, rows):
    post = match_page.add_live_post([("table", value)])
    assert LivePost.objects.get(pk=post.pk).content[0].value["rows"] == rows


def test_what_is_no_table_in_python(match_page):
    with pytest.raises(ValueError, match="A table has rows of cells"):
        match_page.add_live_post([("table", "Reds")])


def test_the_api(api):
    response = api.add({"content": [{"type": "table", "value": {"rows": ROWS}}]})
    assert response.status_code == 201, response.content
    [block] = response.json()["content"]
    assert block["value"] == {**TABLE, "caption": "", "header_column": False}
    response = api.add({"content": [{"type": "table", "value": {"rows": "Reds"}}]})
    assert response.status_code == 400
    assert "A table has rows of cells." in str(response.json())


def test_a_feed(match_page, client):
    match_page.add_live_post([("table", TABLE)])
    for name in ("atom", "json"):
        feed = client.get(f"/wagtail_live/feed/{match_page.channel_id}/{name}/")
        assert "Blues" in feed.content.decode()
