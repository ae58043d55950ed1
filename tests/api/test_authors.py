"""The authors of posts over the API."""

import pytest
from django.contrib.auth import get_user_model

from tests.admin.desk.requests import list_authors, user_who_may
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(match_page):
    user = user_who_may(match_page, "change_page", name="bob")
    user.first_name, user.last_name = "Bob", "Jones"
    user.save()
    return user


def test_a_post_has_several_authors(api, bob):
    given = [{"username": "bob"}, {"name": "Reuters"}]
    response = api.add({"content": "Goal", "authors": given})
    assert response.status_code == 201
    assert response.json()["authors"] == [
        {"name": "Bob Jones", "picture": None},
        {"name": "Reuters", "picture": None},
    ]
    assert response.json()["author_name"] == "Bob Jones"
    assert list_authors(LivePost.objects.get()) == [
        ("Bob Jones", bob),
        ("Reuters", None),
    ]


def test_authors_are_changed_and_removed(api, bob):
    post = api.add({"content": "Goal", "author_name": "Ann"}).json()
    assert post["authors"] == [{"name": "Ann", "picture": None}]
    given = {"authors": [{"name": "Bob, Berlin", "username": "bob"}]}
    assert api.edit(post["id"], given).json()["author_name"] == "Bob, Berlin"
    assert LivePost.objects.get().author == bob
    assert api.edit(post["id"], {"authors": []}).json()["authors"] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"authors": [{}]},
        {"authors": [{"name": ""}]},
        {"authors": [{"username": "nobody"}]},
        {"authors": [{"username": "stranger"}]},
        {"authors": [{"role": "Photos"}]},
        {"authors": [{"name": "A", "role": "B" * 101}]},
        {"authors": [{"name": "A", "person": "1"}]},
        {"authors": [{"name": "A"}], "author_name": "A"},
        {"authors": [{"name": "A"}] * 11},
        {"authors": "Ann"},
    ],
)
def test_other_authors_are_refused(api, fields):
    get_user_model().objects.create_user("stranger")
    assert api.add({"content": "Goal", **fields}).status_code == 400
    assert not LivePost.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"author_name": "Bob Jones"},
        {"authors": [{"username": "bob"}]},
        {"authors": [{"username": "nobody"}]},
        {"authors": [{"name": "Bob Jones"}]},
    ],
)
def test_a_reporter_writes_in_their_own_name(api, issue, match_page, bob, fields):
    rita = user_who_may(match_page, "change_page", name="rita")
    api.secret = issue(user=rita)
    draft = {"content": "Goal", "show": False}
    response = api.add({**draft, **fields})
    assert response.status_code == 403
    assert "own name" in response.json()["detail"]
    post = api.add({**draft, "authors": [{"username": "rita"}]})
    assert post.status_code == 201
    assert api.edit(post.json()["id"], fields).status_code == 403
    assert LivePost.objects.get().author == rita
