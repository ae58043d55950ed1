"""The permissions of tokens."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import GroupPagePermission

from tests.api.calling import Caller
from tests.testapp.models import MatchPage
from wagtail_live.api.models import ApiToken

pytestmark = pytest.mark.django_db


def test_without_a_token_nobody_writes(anybody):
    for method, path in [
        ("patch", ""),
        ("post", "posts/"),
        ("post", "images/"),
        ("patch", "posts/00000000-0000-0000-0000-000000000000/"),
        ("delete", "posts/00000000-0000-0000-0000-000000000000/"),
    ]:
        response = anybody(method, path, {})
        assert response.status_code == 401, path
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_login_is_no_token(anybody, admin_user):
    anybody.client.force_login(admin_user)
    assert anybody.add().status_code == 401


def test_the_secret_is_not_stored(api):
    token = ApiToken.objects.get()
    assert api.secret not in repr(vars(token))
    assert len(token.digest) == 64


@pytest.mark.parametrize("secret", ["", "wlt_unknown", "é", "a b", "\x00"])
def test_an_unknown_token_is_refused(anybody, secret):
    anybody.secret = secret or " "
    assert anybody.add().status_code == 401


def test_a_token_ends(api, issue):
    api.secret = issue(expires_at=timezone.now() - timedelta(seconds=1))
    assert api.add().status_code == 401
    api.secret = issue()
    assert api.add().status_code == 201
    ApiToken.objects.latest("pk").revoke()
    assert api.add().status_code == 401


def test_a_token_is_for_its_pages_alone(api, home_page, issue):
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    elsewhere = Caller(api.client, other.channel_id, api.secret)
    assert elsewhere.add().status_code == 404
    assert elsewhere.get("posts/").status_code == 200
    assert elsewhere.get("posts/?status=all").status_code == 401
    listed = api.client.get(
        "/wagtail_live/api/v1/channels/",
        headers={"Authorization": f"Bearer {api.secret}"},
    ).json()["channels"]
    assert [channel["page"]["title"] for channel in listed] == ["Match"]


def test_a_token_for_drafts(api, issue):
    published = api.add().json()["id"]
    api.secret = issue(may_publish=False)
    draft = api.add({"content": "Draft", "show": False})
    assert draft.status_code == 201
    post_id = draft.json()["id"]
    assert api.edit(post_id, {"content": "Better"}).status_code == 200
    refused = api.add(Idempotency_Key="1")
    assert refused.status_code == 403
    assert "can only write drafts" in refused.json()["detail"]
    again = api.add({"content": "Draft", "show": False}, Idempotency_Key="1")
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again
    assert api.edit(post_id, {"show": True}).status_code == 403
    assert api.edit(published, {"title": "No"}).status_code == 403
    assert api.delete(published).status_code == 403
    assert api("patch", "", {"state": "ended"}).status_code == 403
    assert api.delete(post_id).status_code == 204


def test_a_users_token_has_the_current_rights_of_the_user(
    api, issue, reporter, match_page
):
    api.secret = issue(user=reporter)
    assert api.add().status_code == 201
    assert match_page.live_posts.get().author == reporter
    GroupPagePermission.objects.filter(
        group__in=reporter.groups.all(), permission__codename="publish_page"
    ).delete()
    assert api.add().status_code == 403
    assert api.add({"content": "Draft", "show": False}).status_code == 201
    reporter.groups.clear()
    assert api.add().status_code == 404
    assert api.get("posts/?status=all").status_code == 401
    reporter.is_active = False
    reporter.save()
    assert api.add().status_code == 401


def test_a_locked_page_is_read_only(api, match_page):
    match_page.locked = True
    match_page.save()
    assert api.add().status_code == 403
    assert api.get("posts/?status=all").status_code == 200


def test_a_token_writes_a_page_that_is_not_published_yet(api, anybody, match_page):
    match_page.unpublish()
    assert api.add().status_code == 201
    assert api.get().status_code == 200
    assert anybody.get().status_code == 404


def test_too_many_requests_wait(api, settings):
    settings.WAGTAIL_LIVE_API_RATE = 0.01
    settings.WAGTAIL_LIVE_API_BURST = 3
    statuses = [api.get().status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = api.get()
    assert 0 < int(refused["Retry-After"]) <= 100
    assert refused.json()["status"] == 429
    settings.WAGTAIL_LIVE_API_RATE = 1_000_000
    settings.WAGTAIL_LIVE_API_BURST = 1_000_000_000
    assert api.get().status_code == 200


def test_the_last_use_is_known(api):
    assert ApiToken.objects.get().last_used_at is None
    api.get()
    assert ApiToken.objects.get().last_used_at is not None


def test_secrets_are_not_logged(api, caplog):
    caplog.set_level(logging.DEBUG)
    api.add()
    api.add({"content": 7})
    api.secret += "x"
    api.add()
    assert api.secret[:-1] not in caplog.text
