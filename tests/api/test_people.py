"""Authors from the site's author model over the API, and what each did for the post."""

import pytest

from tests.admin.desk.requests import user_who_may
from wagtail_live.models import LivePost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("author_model")]


@pytest.fixture
def rita(match_page):
    return user_who_may(match_page, "change_page", name="rita")


def test_a_person_and_roles_are_written_and_read(api, ida, rita):
    given = [
        {"person": str(ida.pk), "role": "Data"},
        {"username": "rita", "role": "Photos"},
        {"name": "dpa", "role": "Video"},
        {"person": ida.pk, "name": "Ida O."},
    ]
    response = api.add({"content": "Goal", "authors": given})
    assert response.status_code == 201, response.json()
    assert response.json()["author_name"] == "Ida Olsen"
    person = {"person": str(ida.pk), "url": "http://testserver/ida-olsen/"}
    assert response.json()["authors"] == [
        {"name": "Ida Olsen", "picture": None, "role": "Data", **person},
        {"name": "rita", "picture": None, "role": "Photos"},
        {"name": "dpa", "picture": None, "role": "Video"},
        {"name": "Ida O.", "picture": None, "role": "Science editor", **person},
    ]
    post = LivePost.objects.get()
    assert [(each.user, each.person) for each in post.authors] == [
        (None, ida),
        (rita, None),
        (None, None),
        (None, ida),
    ]


def test_another_name_is_not_that_person(api, ida):
    post = api.add({"content": "Goal", "authors": [{"person": ida.pk}]}).json()
    same = api.edit(post["id"], {"author_name": "Ida Olsen", "title": "1:0"}).json()
    assert same["authors"] == post["authors"]
    changed = api.edit(post["id"], {"author_name": "Ann"}).json()
    assert changed["authors"] == [{"name": "Ann", "picture": None}]


def test_an_author_who_left_stays_on_their_posts(api, ida):
    post = api.add({"content": "Goal", "authors": [{"person": ida.pk}]}).json()
    ida.unpublish()
    given = {"authors": [{"person": ida.pk, "role": "Photos"}]}
    response = api.edit(post["id"], given)
    assert response.status_code == 200, response.json()
    assert response.json()["authors"] == [
        {
            "name": "Ida Olsen",
            "picture": None,
            "person": str(ida.pk),
            "role": "Photos",
        }
    ]
    assert api.add({"content": "Goal", **given}).status_code == 400


@pytest.mark.parametrize("person", ["999", "x", "testapp.authorpage:1"])
def test_an_error_names_the_field(api, ida, person):
    given = [{"name": "Ann"}, {"person": person}, {"username": "nobody"}]
    response = api.add({"content": "Goal", "authors": given[:2]})
    assert response.status_code == 400
    assert response.json()["errors"]["authors"] == {
        "1": {"person": ["No author of the site that is published has this id."]}
    }
    response = api.add({"content": "Goal", "authors": [given[0], given[2]]})
    assert list(response.json()["errors"]["authors"]["1"]) == ["username"]
    assert not LivePost.objects.exists()


@pytest.mark.parametrize(
    ("author", "field"),
    [
        ({"name": "A", "role": "B" * 101}, "role"),
        ({"person": "1", "username": "rita"}, "person"),
        ({"role": "Photos"}, "non_field_errors"),
    ],
)
def test_other_errors_name_the_field(api, rita, author, field):
    response = api.add({"content": "Goal", "authors": [author]})
    assert response.status_code == 400
    assert list(response.json()["errors"]["authors"]["0"]) == [field]


def test_a_site_without_a_model_has_no_people(api, ida, settings):
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = None
    response = api.add({"content": "Goal", "authors": [{"person": ida.pk}]})
    assert "This site has no authors but users" in str(response.json()["errors"])


def test_a_reporter_is_nobody_else_and_may_say_their_role(api, issue, ida, rita):
    api.secret = issue(user=rita)
    draft = {"content": "Goal", "show": False}
    own = {"authors": [{"username": "rita", "role": "Photos"}]}
    assert api.add({**draft, **own}).json()["authors"][0]["role"] == "Photos"
    response = api.add({**draft, "authors": [{"person": ida.pk}]})
    assert response.status_code == 403
    assert "own name" in response.json()["detail"]


def test_the_document_has_roles_and_people(client):
    document = client.get("/wagtail_live/api/v1/openapi.json").json()
    author = document["components"]["schemas"]["Author"]["properties"]
    assert author["role"]["maxLength"] == 100
    assert "author model" in author["person"]["description"]
