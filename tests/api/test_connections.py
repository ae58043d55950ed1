"""Tokens and webhooks in the Wagtail admin."""

import html
import re
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import GroupPagePermission

from tests.api.calling import Caller
from tests.testapp.models import MatchPage
from tests.webhooks.endpoint import Endpoint
from wagtail_live import outbound
from wagtail_live.api.models import ApiToken
from wagtail_live.webhooks import outbox
from wagtail_live.webhooks.models import WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, reporter):
    client.force_login(reporter)
    return client


@pytest.fixture
def base(match_page):
    return f"/admin/live/{match_page.pk}/"


def token_data(page, **fields):
    data = {"name": "Script", "bearer": "machine", "pages": [page.pk]}
    return {**data, "may_publish": "on", **fields}


def shown_secret(response):
    [secret] = re.findall(r'id="live-secret">([^<]+)<', response.content.decode())
    return secret


def forbid_publishing(user):
    GroupPagePermission.objects.filter(
        group__in=user.groups.all(), permission__codename="publish_page"
    ).delete()


def test_a_token_is_created_shown_once_and_works(admin, base, match_page, client):
    response = admin.post(f"{base}tokens/add/", token_data(match_page))
    secret = shown_secret(response)
    example = html.unescape(response.content.decode())
    assert f'curl -H "Authorization: Bearer {secret}" http://testserver/' in example
    assert "no-store" in response["Cache-Control"]
    assert Caller(client, match_page.channel_id, secret).add().status_code == 201
    listed = admin.get(f"{base}connections/").content.decode()
    assert "Script" in listed
    assert secret not in listed
    assert not any(secret in str(value) for value in admin.session.values())


def test_users_create_their_own_tokens(admin, base, match_page, reporter):
    admin.post(f"{base}tokens/add/", token_data(match_page, bearer="me"))
    token = ApiToken.objects.get()
    assert token.user == token.created_by == reporter


def test_a_token_is_revoked(admin, base, match_page, client):
    response = admin.post(f"{base}tokens/add/", token_data(match_page))
    api = Caller(client, match_page.channel_id, shown_secret(response))
    revoke = f"{base}tokens/{ApiToken.objects.get().pk}/revoke/"
    assert revoke in admin.get(f"{base}connections/").content.decode()
    assert "can&#x27;t be undone" in admin.get(revoke).content.decode()
    assert api.add().status_code == 201
    admin.post(revoke)
    assert api.add().status_code == 401
    listed = admin.get(f"{base}connections/").content.decode()
    assert "Revoked" in listed
    assert revoke not in listed


def test_a_machine_token_never_has_more_permissions_than_its_creator(
    admin, base, match_page, reporter, issue
):
    issue(name="Of somebody else")
    forbid_publishing(reporter)
    url = f"{base}tokens/add/"
    refused = admin.post(url, token_data(match_page))
    assert b"do not have permission to publish" in refused.content
    assert ApiToken.objects.count() == 1
    shown_secret(admin.post(url, token_data(match_page, may_publish="")))
    listed = admin.get(f"{base}connections/").content.decode()
    assert "Script" in listed
    assert "Of somebody else" not in listed
    other = ApiToken.objects.get(name="Of somebody else")
    assert admin.post(f"{base}tokens/{other.pk}/revoke/").status_code == 404


def test_invalid_tokens_are_not_created(admin, base, match_page, home_page):
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    GroupPagePermission.objects.update(page=match_page)
    yesterday = timezone.now() - timedelta(days=1)
    for fields in (
        {"name": ""},
        {"pages": []},
        {"pages": [other.pk]},
        {"bearer": "somebody"},
        {"expires_at": yesterday.strftime("%Y-%m-%d %H:%M")},
    ):
        admin.post(f"{base}tokens/add/", token_data(match_page, **fields))
    assert not ApiToken.objects.exists()
    shown_secret(admin.post(f"{base}tokens/add/", token_data(match_page)))


def test_a_webhook_is_created_changed_and_deleted(admin, base, match_page):
    data = {"name": "Push", "url": "https://push.example/live", "is_active": "on"}
    response = admin.post(f"{base}webhooks/add/", data)
    webhook = WebhookEndpoint.objects.get()
    assert shown_secret(response) == webhook.secret
    assert webhook.channel == match_page.live_channel
    url = f"{base}webhooks/{webhook.pk}/"
    page = admin.get(url).content.decode()
    assert "Deliveries" in page
    assert webhook.secret not in page
    admin.post(url, {**data, "is_active": ""})
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert admin.get(f"{url}delete/").status_code == 200
    admin.post(f"{url}delete/")
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["http://push.example/", "ftp://push.example/", "https://a:b@c.example/", "x"],
)
def test_invalid_urls_are_refused(admin, base, url):
    data = {"name": "Push", "url": url, "is_active": "on"}
    assert admin.post(f"{base}webhooks/add/", data).status_code == 200
    assert not WebhookEndpoint.objects.exists()


def test_failures_are_seen(admin, base, match_page):
    webhook = WebhookEndpoint.objects.create(
        channel=match_page.live_channel,
        name="Push",
        url="https://push.example/",
        last_error="The endpoint returned 500.",
    )
    WebhookDelivery.objects.create(
        endpoint=webhook,
        action="published",
        cursor=timezone.now(),
        attempts=3,
        error="No connection (TimeoutError).",
    )
    assert b"returned 500" in admin.get(f"{base}connections/").content
    deliveries = admin.get(f"{base}webhooks/{webhook.pk}/deliveries/").content
    assert b"post.published" in deliveries
    assert b"TimeoutError" in deliveries


def test_connections_need_permission_to_edit(admin, base, reporter, match_page):
    webhook = WebhookEndpoint.objects.create(
        channel=match_page.live_channel, name="Push", url="https://push.example/"
    )
    paths = [
        *("webhooks/add/", f"webhooks/{webhook.pk}/"),
        *(f"webhooks/{webhook.pk}/{name}/" for name in ("delete", "deliveries")),
    ]
    forbid_publishing(reporter)
    assert [admin.get(base + path).status_code for path in paths] == [403] * 4
    assert admin.post(f"{base}webhooks/{webhook.pk}/test/").status_code == 403
    assert admin.get(f"{base}connections/").status_code == 200
    GroupPagePermission.objects.all().delete()
    assert admin.get(f"{base}connections/").status_code == 403
    assert admin.post(f"{base}tokens/add/", token_data(match_page)).status_code == 403
    assert not ApiToken.objects.exists()


def test_other_pages_have_neither(admin, home_page, match_page, issue):
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    issue()
    token = ApiToken.objects.get()
    elsewhere = f"/admin/live/{other.pk}/"
    assert admin.post(f"{elsewhere}tokens/{token.pk}/revoke/").status_code == 404
    assert admin.get(f"/admin/live/{home_page.pk}/connections/").status_code == 404


def test_editor_and_desk_link_to_connections(admin, base, match_page):
    for path in (f"/admin/pages/{match_page.pk}/edit/", base):
        page = admin.get(path).content.decode()
        assert page.count(f'href="{base}connections/"') == 1
        assert "Connections" in page


def test_users_see_only_the_connections_that_they_may_use(
    admin, base, reporter, match_page
):
    shown = admin.get(f"{base}connections/").content.decode()
    for section in ("sources", "tokens", "webhooks"):
        assert f'id="{section}-section"' in shown
    forbid_publishing(reporter)
    shown = admin.get(f"{base}connections/").content.decode()
    assert 'id="tokens-section"' in shown
    assert 'id="sources-section"' not in shown
    assert 'id="webhooks-section"' not in shown
    assert f"{base}webhooks/" not in shown


def test_the_first_use_is_explained(admin, base, match_page):
    shown = admin.get(f"{base}connections/").content.decode()
    assert "There are no tokens yet." in shown
    assert "There are no webhooks yet." in shown
    for path in ("tokens/add/", "webhooks/add/"):
        assert f'href="{base}{path}"' in shown


def test_ten_connections_need_as_many_queries_as_one(
    admin, base, match_page, issue, reporter
):
    def add(number):
        issue(name=f"Script {number}", created_by=reporter, user=reporter)
        WebhookEndpoint.objects.create(
            channel=match_page.live_channel,
            name=f"Push {number}",
            url="https://push.example/",
        )

    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            shown = admin.get(f"{base}connections/").content.decode()
        assert "Script 0" in shown
        return len(queries)

    add(0)
    count_queries()  # fills caches
    one = count_queries()
    for number in range(1, 10):
        add(number)
    assert count_queries() == one


def test_a_test_is_sent_to_a_webhook(admin, base, match_page, monkeypatch):
    monkeypatch.setattr(outbound, "send", partial(outbound.send, is_trusted=True))
    with Endpoint() as service:
        webhook = WebhookEndpoint.objects.create(
            channel=match_page.live_channel, name="Push", url=service.url
        )
        path = f"{base}webhooks/{webhook.pk}/test/"
        assert path in admin.get(f"{base}connections/").content.decode()
        shown = admin.post(path, follow=True)
        assert shown.status_code == 200
        assert path in shown.content.decode()
        outbox.send_due.call(webhook.pk)
        [message] = service.read(webhook.secret)
    assert message["type"] == "webhook.test"
    assert message["data"]["post"] is None
    deliveries = admin.get(f"{base}webhooks/{webhook.pk}/deliveries/")
    assert b"webhook.test" in deliveries.content


def test_a_test_that_fails_is_not_repeated(admin, base, match_page):
    webhook = WebhookEndpoint.objects.create(
        channel=match_page.live_channel, name="Push", url="https://127.0.0.1/"
    )
    admin.post(f"{base}webhooks/{webhook.pk}/test/")
    outbox.send_due.call(webhook.pk)
    delivery = WebhookDelivery.objects.get()
    assert delivery.error
    assert delivery.due_at is None


def test_a_machine_token_ends_with_the_account_that_created_it(
    admin, base, match_page, reporter, client, admin_user
):
    response = admin.get(f"{base}tokens/add/")
    assert b"stops working when your account is" in response.content
    response = admin.post(f"{base}tokens/add/", token_data(match_page))
    api = Caller(Client(), match_page.channel_id, shown_secret(response))
    assert api.add().status_code == 201
    reporter.groups.clear()
    assert api.add().status_code == 201
    reporter.is_active = False
    reporter.save()
    assert api.add().status_code == 401
    client.force_login(admin_user)
    listed = client.get(f"{base}connections/").content.decode()
    assert "Account deactivated" in listed
    assert reporter.get_username() in listed
    reporter.is_active = True
    reporter.save()
    assert api.add().status_code == 201
    reporter.delete()
    assert api.add().status_code == 401
    assert not ApiToken.objects.exists()
