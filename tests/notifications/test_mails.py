"""Mails about posts that are submitted, and about the decision of an editor."""

import re
import socket
from threading import Event

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import override_settings
from wagtail.models import GroupPagePermission
from wagtail.users.models import UserProfile

from tests.admin.desk.requests import form_data, url, user_who_may
from tests.api.calling import Caller
from wagtail_live import notifications, posts
from wagtail_live.api.models import ApiToken
from wagtail_live.background import threads
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db(transaction=True)]


def with_email(user):
    user.email = f"{user.get_username()}@example.com"
    user.save()
    return user


@pytest.fixture(autouse=True)
def no_earlier_submissions():
    notifications.submissions.reset()


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
    notifications.submissions._send(channel.channel_id)


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


def test_the_submitter_learns_the_decision(channel, editor, rita):
    published, drafted, deleted = (submit(channel, rita, f"P{n}") for n in range(3))
    sent()
    mail.outbox.clear()
    posts.show(channel, published, actor=editor)
    message = sent()["rita@example.com"]
    assert message.subject == "Your post on “Match” was approved"
    assert url("edit", channel.page, published.pk) in message.body
    mail.outbox.clear()
    posts.edit(channel, drafted, submitted=False, actor=editor)
    assert sent()["rita@example.com"].subject == "Your post on “Match” was returned"
    mail.outbox.clear()
    posts.delete(channel, deleted, actor=editor)
    message = sent()["rita@example.com"]
    assert "P2" in message.body
    assert str(deleted.pk) not in message.body


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
def dead_server(settings):
    """The port of a mail server that is down."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = unused.getsockname()[1]
    settings.EMAIL_HOST = "127.0.0.1"


def test_a_mail_server_that_is_down_is_logged(
    channel, editor, rita, dead_server, caplog
):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend):
        post = submit(channel, rita)
        assert threads.wait(20)
    assert "Could not connect to the mail server." in caplog.text
    assert channel.posts.submitted().get() == post


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
