"""The desk of a site with authors from a model of its own."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.admin.desk.requests import form_data, the_post, url, user_who_may
from tests.testapp.models import Agency, AuthorPage
from wagtail_live import posts
from wagtail_live.models import PostAuthor
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("author_model")]


@pytest.fixture
def per(home_page):
    return home_page.add_child(instance=AuthorPage(title="Per Dahl"))


def refer(page):
    return f"testapp.authorpage:{page.pk}"


def fields(name, *others, author="", **details):
    return {
        "author": author,
        "author_name": name,
        "author_details": json.dumps(details),
        "coauthors": json.dumps(others),
    }


def save(client, page, post=None, **values):
    name = ("save", page, post.pk) if post else ("add", page)
    return client.post(url(*name), form_data(post=post, **values))


def find(client, page, words=""):
    response = client.get(url("find_authors", page), {"q": words})
    return response.json()["people"]


def test_people_and_users_are_found(client, publisher, match_page, ida, per):
    home = ida.get_parent()
    home.add_child(instance=AuthorPage(title="Ida Draft", live=False))
    user_who_may(match_page, "change_page", name="ida")
    person, user = find(client, match_page, "ida")
    assert (person["person"], person["user"]) == (refer(ida), "")
    assert (person["name"], person["account"]) == ("Ida Olsen", "Science editor")
    assert (user["name"], user["person"]) == ("ida", "")
    [per_dahl] = find(client, match_page, "dahl")
    assert per_dahl["account"] == "author page"


def test_a_model_that_is_no_page(client, publisher, match_page, settings):
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = "testapp.Agency"
    agency = Agency.objects.create(name="dpa", site="https://dpa.example/")
    [found] = find(client, match_page, "dpa")
    assert (found["person"], found["account"]) == (
        f"testapp.agency:{agency.pk}",
        "agency",
    )
    response = save(client, match_page, **fields("dpa", person=found["person"]))
    assert response.status_code == 200
    page = client.get(match_page.url).content.decode()
    assert 'href="https://dpa.example/" rel="author">dpa</a>' in page


def test_drafters_can_not_search(client, drafter, match_page, ida):
    assert client.get(url("find_authors", match_page)).status_code == 403
    response = save(
        client, match_page, action="draft", **fields("Ida", person=refer(ida))
    )
    assert response.status_code == 403


def test_the_search_takes_the_same_queries_for_many(
    client, publisher, match_page, home_page, ida
):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert find(client, match_page, "o")
        return len(queries)

    count()
    before = count()
    for number in range(5):
        home_page.add_child(instance=AuthorPage(title=f"Otto {number}", job="Job"))
    assert count() == before


def test_people_are_authors_with_roles(client, publisher, match_page, ida, per):
    other = {"person": refer(per), "name": "Per Dahl", "role": "Photos"}
    byline = {"name": "dpa", "role": "Data"}
    response = save(
        client, match_page, **fields("Ida Olsen", other, byline, person=refer(ida))
    )
    html = response.json()["post"]["html"]
    assert "Photos" in html
    assert "Science editor" in html
    authors = the_post().authors
    assert [(each.name, each.person, each.role) for each in authors] == [
        ("Ida Olsen", ida, "Science editor"),
        ("Per Dahl", per, "Photos"),
        ("dpa", None, "Data"),
    ]
    form = client.get(url("form", match_page, the_post().pk)).json()["html"]
    assert refer(ida) in form
    assert "Photos" in form


@pytest.mark.parametrize("hide", ["unpublish", "delete"])
def test_a_person_who_left_stays_on_their_posts(
    client, publisher, match_page, ida, per, hide
):
    person = PostAuthor("Ida Olsen", person=ida)
    post = posts.publish(
        match_page.live_channel, "<p>Goal</p>", authors=[person], actor=SYSTEM
    )
    getattr(ida, hide)()
    reference = post.author_details["person"]
    values = fields("Ida Olsen", person=reference, role="Photos")
    response = save(client, match_page, post, action="save", **values)
    assert response.status_code == 200, response.content
    expected = {"person": reference, "role": "Photos"}
    assert the_post().author_details == expected
    response = save(client, match_page, **values)
    assert response.status_code == 422
    assert "not published any more" in str(response.json())


@pytest.mark.parametrize(
    ("details", "status"),
    [
        ({"person": "testapp.authorpage:999"}, 422),
        ({"person": "testapp.agency:1"}, 422),
        ({"person": "x"}, 422),
        ({"role": "x" * 101}, 422),
        ({"person": 1}, 400),
        ({"role": None}, 400),
    ],
)
def test_data_that_no_form_sends_is_refused(
    client, publisher, match_page, ida, details, status
):
    response = save(client, match_page, **fields("Ida", **details))
    assert response.status_code == status
    response = save(client, match_page, **fields("Ann", {"name": "Ida", **details}))
    assert response.status_code == status


def test_a_site_without_a_model_has_no_people(
    client, publisher, match_page, settings, ida
):
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = None
    assert [each["name"] for each in find(client, match_page)] == ["editor"]
    response = save(client, match_page, **fields("Ida", person=refer(ida)))
    assert response.status_code == 422


@pytest.mark.every_database
def test_posts_are_filtered_by_their_authors(client, publisher, match_page, ida, per):
    channel = match_page.live_channel
    first, second = (
        PostAuthor("Ida Olsen", person=ida),
        PostAuthor("Per Dahl", person=per),
    )
    for text, authors in (("Both", [first, second]), ("Alone", [second])):
        posts.publish(channel, text, authors=authors, actor=SYSTEM)
    posts.publish(channel, "Nobody", actor=SYSTEM)
    found = client.get(url("posts", match_page), {"author": refer(ida)}).json()
    assert "Both" in found["html"]
    assert "Alone" not in found["html"]
    desk = client.get(url("index", match_page)).content.decode()
    assert f'<option value="{refer(per)}">Per Dahl</option>' in desk


def test_the_preview_shows_people(client, publisher, match_page, ida):
    data = form_data(**fields("Ida Olsen", person=refer(ida), role="Photos"))
    response = client.post(url("preview_new", match_page), data)
    preview = response.json()["preview"]
    assert 'href="/ida-olsen/"' in preview
    assert "Photos" in preview


def test_lists_take_no_further_queries(client, publisher, match_page, home_page):
    def add(number):
        page = home_page.add_child(instance=AuthorPage(title=f"Author {number}"))
        person = PostAuthor(page.title, person=page)
        posts.publish(match_page.live_channel, "A", authors=[person], actor=SYSTEM)

    def count(path):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    channel_id = match_page.channel_id
    paths = [
        url("posts", match_page),
        url("index", match_page),
        f"/wagtail_live/feed/{channel_id}/json/",
        f"/wagtail_live/feed/{channel_id}/atom/",
        f"/wagtail_live/api/v1/channels/{channel_id}/posts/",
    ]
    add(0)
    before = [count(path) for path in paths]
    for number in range(1, 5):
        add(number)
    assert [count(path) for path in paths] == before
