"""Start, pause and end on the desk; the end can be taken back for ten seconds."""

from datetime import timedelta

import pytest
from django.utils import timezone
from freezegun import freeze_time

from tests.admin.desk.requests import url
from wagtail_live.models import Channel, ChannelState

pytestmark = pytest.mark.django_db


@pytest.fixture
def set_state(admin_client, match_page):
    match_page.add_live_post("Kick-off")

    def post(state, expected="live"):
        data = {"state": state, "expected": expected}
        return admin_client.post(url("state", match_page), data)

    return post


@pytest.fixture
def changes(admin_client, match_page):
    return lambda: admin_client.get(url("changes", match_page), {"since": "0.5"}).json()


@freeze_time()
def test_an_end_is_shown_to_editors_until_it_is_due(set_state, changes):
    response = set_state("ended")
    assert "data-seconds" in response.json()["head"]["html"]
    assert 'data-seconds="10"' in changes()["head"]["html"]
    assert Channel.objects.get().state == ChannelState.LIVE
    Channel.objects.update(ends_at=timezone.now())
    assert 'data-state="ended"' in changes()["head"]["html"]


def test_an_end_is_taken_back(set_state, changes):
    set_state("ended")
    assert "data-seconds" not in set_state("live").json()["head"]["html"]
    assert Channel.objects.get().ends_at is None


def test_an_end_that_is_over_is_not_taken_back(set_state, changes):
    set_state("ended")
    Channel.objects.update(ends_at=timezone.now())
    changes()
    refused = set_state("live")
    assert refused.status_code == 409
    assert "Choose “Reopen”" in refused.json()["error"]
    assert set_state("live", "ended").status_code == 200


def test_an_end_comes_in_seconds_although_another_server_is_ahead(set_state, changes):
    set_state("paused")
    ahead = timezone.now() + timedelta(minutes=40)
    Channel.objects.update(last_updated_at=ahead)
    set_state("ended", expected="paused")
    assert Channel.objects.get().ends_at < timezone.now() + timedelta(minutes=1)
