"""The stage over the HTTP API."""

import pytest

from tests.api.calling import Caller
from tests.testapp.models import ScorePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def match_page(home_page):
    return home_page.add_child(instance=ScorePage(title="Final", slug="final"))


def test_a_score_is_set_from_outside(api, anybody, match_page):
    response = api("patch", "stage/", {"values": {"home": 1, "period": "first"}})
    assert response.status_code == 200, response.content
    stage = anybody.get("stage/").json()
    assert stage == response.json()
    assert (stage["values"]["home"], stage["values"]["period"]) == (1, "first")
    assert "1 : 0" in stage["html"]
    assert "1′" in stage["html"]
    assert stage["title"] == "Final"
    cursor = match_page.last_updated_at
    assert api("patch", "stage/", {"values": {"home": 1}}).status_code == 200
    assert match_page.last_updated_at == cursor
    assert api("post", "stage/", {"event": "score.changed"}).status_code == 200
    assert match_page.last_updated_at > cursor


def test_errors_are_by_field(api):
    response = api("patch", "stage/", {"values": {"home": "many", "goals": 1}})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["goals"]
    response = api("patch", "stage/", {"values": {"home": "many"}})
    assert "home" in response.json()["errors"]
    assert api("patch", "stage/", {"score": 1}).status_code == 400
    assert api("patch", "stage/", {"values": [1]}).status_code == 400


def test_only_those_with_a_token_set_it(client, anybody, match_page, issue):
    assert anybody("post", "stage/").status_code == 401
    assert anybody("patch", "stage/", {"values": {"home": 1}}).status_code == 401
    drafts = Caller(client, match_page.channel_id, issue(may_publish=False))
    assert drafts("patch", "stage/", {"values": {"home": 1}}).status_code == 403
    assert drafts("post", "stage/").status_code == 403
