"""Mails about posts that are submitted, and about the decision of an editor."""

import re
import socket
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import django
import httpx
import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client, override_settings
from wagtail.models import GroupPagePermission
from wagtail.users.models import UserProfile

import wagtail_live
from tests.admin.desk.requests import form_data, url, user_who_may
from tests.api.calling import Caller
from tests.servers import wait_until
from wagtail_live import cursors, posts, reviews
from wagtail_live.api.models import ApiToken
from wagtail_live.background import retry_if_locked, threads
from wagtail_live.models import LivePost, ReviewNotice
from wagtail_live.permissions import SYSTEM

PACKAGE = Path(wagtail_live.__file__).parent

pytestmark = [pytest.mark.django_db(transaction=True)]


def with_email(user):
    user.email = f"{user.get_username()}@example.com"
    user.save()
    return user


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def editor(match_page):
    rights = "change_page", "publish_page"
    return with_email(user_who_may(match_page, *rights, name="editor"))


@pytest.fixture
def rita(match_page):
    return with_email(user_who_may(match_page, "change_page", name="rita"))


def submit(channel, user, text="<p>Goal by Ann</p>"):
    return posts.publish(channel, text, show=False, submitted=True, actor=user)


def sent():
    """Return the mails by recipient, after the background jobs have run."""
    assert threads.wait(20)
    return {message.to[0]: message for message in mail.outbox}


def recipients():
    return sorted(sent())


def set_profile(user, **values):
    profile = UserProfile.get_for_user(user)
    UserProfile.objects.filter(pk=profile.pk).update(**values)


def test_a_submitted_post_is_mailed_to_those_who_may_publish(channel, editor, rita):
    post = submit(channel, rita)
    [message] = sent().values()
    assert message.to == ["editor@example.com"]
    assert message.subject == "1 post submitted on “Match”"
    assert "Goal by Ann (rita)" in message.body
    assert f"http://localhost{url('edit', channel.page, post.pk)}" in message.body
    assert not message.alternatives
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_link_opens_the_post_on_the_desk(client, channel, editor, rita):
    post = submit(channel, rita)
    [link] = re.findall(r"http://localhost(\S+/)\n", sent()["editor@example.com"].body)
    client.force_login(editor)
    response = client.get(link, follow=True)
    assert str(post.pk) in response.request["QUERY_STRING"]
    assert "Goal by Ann" in response.content.decode()


def test_the_desk_submits(client, channel, editor, rita):
    client.force_login(rita)
    client.post(url("add", channel.page), form_data(action="draft"))
    assert recipients() == []
    post = LivePost.objects.get()
    client.post(url("submit", channel.page, post.pk))
    assert recipients() == ["editor@example.com"]


def test_the_api_submits(client, channel, editor, rita):
    _, secret = ApiToken.objects.issue([channel], name="Rita", user=rita)
    api = Caller(client, channel.channel_id, secret)
    assert api.add({"content": "Goal", "submitted": True}).status_code == 201
    assert recipients() == ["editor@example.com"]


def test_a_message_that_is_held_for_an_editor(channel, editor):
    submit(channel, SYSTEM)
    assert recipients() == ["editor@example.com"]


def test_a_published_post_is_not_mailed(channel, editor, rita):
    posts.publish(channel, "Goal", actor=editor)
    posts.publish(channel, "Draft", show=False, actor=rita)
    assert recipients() == []


def test_the_submitter_gets_no_mail(channel, editor):
    other = with_email(user_who_may(channel.page, "publish_page", name="other"))
    submit(channel, other)
    assert recipients() == ["editor@example.com"]


def no_mail(user):
    set_profile(user, submitted_notifications=False)


def no_address(user):
    get_user_model().objects.filter(pk=user.pk).update(email="")


def inactive(user):
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)


def no_rights(user):
    GroupPagePermission.objects.filter(group__user=user).delete()


def no_admin(user):
    user.groups.get().permissions.clear()


@pytest.mark.parametrize("change", [no_mail, no_address, inactive, no_rights, no_admin])
def test_no_mail_to_those_who_do_not_want_or_need_it(channel, editor, rita, change):
    change(editor)
    submit(channel, rita)
    assert recipients() == []


@pytest.mark.parametrize("is_included", [True, False])
def test_superusers_are_included_as_in_wagtail(
    channel, editor, rita, settings, is_included
):
    get_user_model().objects.create_superuser("root", "root@example.com")
    settings.WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = is_included
    submit(channel, rita)
    assert ("root@example.com" in recipients()) is is_included
    assert "editor@example.com" in recipients()


def test_html_if_the_site_wants_it(channel, editor, rita, settings):
    settings.WAGTAILADMIN_NOTIFICATION_USE_HTML = True
    post = submit(channel, rita, "<p>1 < 2 & more</p>")
    [message] = sent().values()
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert "1 &lt; 2 &amp; more" in html
    assert "1 < 2 & more" in message.body
    assert f'href="http://localhost{url("edit", channel.page, post.pk)}"' in html


def test_each_reads_their_own_language(channel, editor, rita, settings):
    settings.WAGTAILADMIN_NOTIFICATION_USE_HTML = True
    set_profile(editor, preferred_language="de")
    submit(channel, rita)
    [message] = sent().values()
    assert "Hallo editor" in message.body
    assert "Hallo editor" in message.alternatives[0][0]


def test_posts_of_the_same_minute_are_one_mail(channel, editor, rita):
    submit(channel, rita, "First")
    assert sent()["editor@example.com"].body.count("(rita)") == 1
    mail.outbox.clear()
    approved = submit(channel, rita, "Published meanwhile")
    posts.show(channel, approved, actor=editor)
    for text in ("Second", "Third"):
        submit(channel, rita, text)
    assert "editor@example.com" not in sent()
    end_the_minute(channel)
    message = sent()["editor@example.com"]
    assert message.subject == "2 posts submitted on “Match”"
    assert "Second" in message.body
    assert "Third" in message.body
    assert "Published meanwhile" not in message.body
    end_the_minute(channel)
    assert len(sent()) == 2  # also the one about the published post
    submit(channel, rita, "Fourth")
    assert "Fourth" in sent()["editor@example.com"].body


def end_the_minute(channel):
    minute = reviews.INTERVAL
    notices = ReviewNotice.objects.filter(channel=channel)
    notices.update(due_at=F("due_at") - minute, sent_at=F("sent_at") - minute)
    reviews.send_due()


def test_pages_are_mailed_by_themselves(channel, home_page, editor, rita):
    other = home_page.add_child(instance=type(channel.page.specific)(title="Other"))
    for user in (editor, rita):
        for permission in GroupPagePermission.objects.filter(group__user=user):
            permission.pk, permission.page_id = None, other.pk
            permission.save()
    submit(channel, rita)
    submit(other.live_channel, rita)
    assert threads.wait(20)
    assert len(mail.outbox) == 2


DECISIONS = {
    "published": {"show": True},
    "scheduled": {"go_live_at": cursors.now() + timedelta(days=2)},
    "returned to you": {"submitted": False},
    "deleted": None,
}


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("is_system", [False, True], ids=["by an editor", "by code"])
def test_the_submitter_learns_what_has_happened_by_whom_and_to_which_post(
    channel, editor, rita, settings, decision, is_system
):
    settings.WAGTAILADMIN_NOTIFICATION_USE_HTML = True
    post = submit(channel, rita, "<p>Goal by Ann & Bo</p>")
    sent()
    mail.outbox.clear()
    actor, change = SYSTEM if is_system else editor, DECISIONS[decision]
    if change:
        posts.edit(channel, post, actor=actor, **change)
    else:
        posts.delete(channel, post, actor=actor)
    message = sent()["rita@example.com"]
    name = "“Goal by Ann & Bo”"
    assert message.subject == f"Your post {name} on “Match” was {decision}"
    verb = decision.removesuffix(" to you")
    words = f"Your post on “Match” was {verb}"
    words = words if is_system else f"editor {verb} your post on “Match”"
    html = message.alternatives[0][0]
    assert words in message.body
    assert words in html
    assert "Goal by Ann & Bo" in message.body
    assert "Goal by Ann &amp; Bo" in html
    link = url("edit", channel.page, post.pk)
    assert (link in message.body) is (decision != "deleted")
    assert ("It will be published at" in message.body) is (decision == "scheduled")
    assert not ReviewNotice.objects.exclude(outcome="submitted").exists()


@pytest.mark.parametrize("name", ["approved", "rejected"])
def test_the_submitter_may_not_want_to_know(channel, editor, rita, name):
    set_profile(rita, **{f"{name}_notifications": False})
    post = submit(channel, rita)
    change = {"show": True} if name == "approved" else {"submitted": False}
    posts.edit(channel, post, actor=editor, **change)
    assert "rita@example.com" not in sent()


def test_what_the_submitter_does_is_no_news_to_them(channel, editor, rita):
    post = submit(channel, rita)
    posts.edit(channel, post, submitted=False, actor=rita)
    assert "rita@example.com" not in sent()


@pytest.fixture
def dead_port():
    """The port of a mail server that is down."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


@pytest.fixture
def dead_server(settings, dead_port):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", dead_port


def test_a_mail_server_that_is_down_is_logged(
    channel, editor, rita, dead_server, caplog
):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend):
        post = submit(channel, rita)
        assert threads.wait(20)
    assert "Could not connect to the mail server." in caplog.text
    assert channel.posts.submitted().get() == post


def test_a_mail_waits_until_the_mail_server_is_back(channel, editor, rita, dead_server):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend):
        submit(channel, rita, "First")
        assert threads.wait(20)
    notice = ReviewNotice.objects.get()
    assert notice.claim is None
    assert notice.due_at > cursors.now()
    assert reviews.send_due() == 0
    ReviewNotice.objects.update(due_at=cursors.now())
    assert reviews.send_due() == 1
    assert recipients() == ["editor@example.com"]
    ReviewNotice.objects.update(sent_at=None, attempts=9, due_at=cursors.now())
    with override_settings(EMAIL_BACKEND=backend):
        reviews.send_due()
    assert not ReviewNotice.objects.exists()


def test_a_process_that_ends_before_it_has_sent_a_mail(
    channel, editor, rita, monkeypatch
):
    monkeypatch.setattr(reviews, "later", lambda *job, **options: None)
    submit(channel, rita)
    assert recipients() == []
    assert next(iter(reviews.due_times())) <= cursors.now()
    for _ in range(2):
        call_command("live_housekeeping")
    assert recipients() == ["editor@example.com"]
    assert len(mail.outbox) == 1


def test_a_process_that_is_killed_while_it_sends_a_mail(
    channel, editor, rita, start_server
):
    """Another one sends it, when the time of the first is over."""
    backend = "tests.notifications.hanging_mail.EmailBackend"
    server = start_server(settings={"EMAIL_BACKEND": backend})
    browser = Client()
    browser.force_login(rita)
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    with httpx.Client(base_url=server.url, cookies=cookies) as client:
        address = url("add", channel.page)
        client.get(url("index", channel.page))
        token = client.cookies["csrftoken"]
        headers = {"X-CSRFToken": token, "Referer": server.url}
        answer = client.post(address, data=form_data(action="submit"), headers=headers)
        assert answer.status_code == 200
    assert wait_until(lambda: ReviewNotice.objects.filter(claim__isnull=False).exists())
    server.kill()
    assert reviews.send_due() == 0
    ReviewNotice.objects.update(due_at=cursors.now())
    assert reviews.send_due() == 1
    assert reviews.send_due() == 0
    assert recipients() == ["editor@example.com"]
    assert len(mail.outbox) == 1


def test_two_processes_send_a_mail_once(channel, editor, rita, monkeypatch):
    monkeypatch.setattr(reviews, "later", lambda *job, **options: None)
    for text in ("First", "Second"):
        submit(channel, rita, text)

    def send(_):
        try:
            return retry_if_locked(reviews.send_due)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 2
    (message,) = mail.outbox
    assert message.subject == "2 posts submitted on “Match”"


@pytest.mark.skipif(django.VERSION < (6, 1), reason="MAILERS is new in Django 6.1")
def test_a_site_that_has_moved_its_settings_to_mailers(
    channel, editor, rita, dead_port, caplog
):
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    options = {"host": "127.0.0.1", "port": dead_port}
    with override_settings(MAILERS={"default": {"BACKEND": smtp, "OPTIONS": options}}):
        submit(channel, rita)
        assert recipients() == []
    assert "Could not connect to the mail server." in caplog.text
    locmem = "django.core.mail.backends.locmem.EmailBackend"
    with (
        override_settings(MAILERS={"default": {"BACKEND": locmem}}),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        end_the_minute(channel)
        assert recipients() == ["editor@example.com"]
    files = [Path(warning.filename) for warning in caught]
    assert [file for file in files if PACKAGE in file.parents] == []


def test_one_address_that_is_refused_stops_no_other(
    channel, editor, rita, monkeypatch, caplog
):
    with_email(user_who_may(channel.page, "publish_page", name="second"))
    send = EmailBackend.send_messages

    def refuse(self, messages):
        if messages[0].to == ["editor@example.com"]:
            raise OSError("refused")
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    submit(channel, rita)
    assert recipients() == ["second@example.com"]
    assert "Could not send a mail to user" in caplog.text


@pytest.mark.real_threads
def test_the_writer_waits_for_no_mail(channel, editor, rita, monkeypatch):
    may_connect = Event()
    opened = EmailBackend.open
    monkeypatch.setattr(
        EmailBackend, "open", lambda self: may_connect.wait(20) and opened(self)
    )
    submit(channel, rita)
    assert mail.outbox == []
    may_connect.set()
    assert recipients() == ["editor@example.com"]


def test_nothing_is_mailed_before_the_commit(channel, editor, rita):
    with transaction.atomic():
        submit(channel, rita)
        transaction.set_rollback(True)
    assert recipients() == []
