"""Mails about posts that are submitted, and about the editor's decision.

They follow the notification preferences in the profiles of Wagtail's users. ``reviews`` says
when they are sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override
from wagtail.admin.mail import EmailNotificationMixin, Notifier, send_mail
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name
from wagtail.admin.utils import get_admin_base_url
from wagtail.log_actions import registry

from .background import as_in_requests
from .models import Channel, LivePost, ReviewNotice, ReviewOutcome
from .page.rendering import find_site
from .permissions import get_publishers, may_read
from .posts.history import LOG_ACTIONS

if django.VERSION >= (6, 1):
    from django.core.mail import mailers

    def get_mailer() -> Any:
        return mailers.default

else:
    from django.core.mail import get_connection as get_mailer

logger = logging.getLogger("wagtail_live.notifications")

TIMEOUT = 30.0  # seconds to wait for a mail server, if the site sets no timeout
MAX_LISTED = 20
APPROVED = (ReviewOutcome.PUBLISHED, ReviewOutcome.SCHEDULED)
DECISION = {"outcome": "", "editor": "", "go_live_at": None}


class NotSent(Exception):
    """There is no mail server now."""


class PostNotifier(EmailNotificationMixin, Notifier):
    """Sends a mail about posts of a channel, to each recipient in their language."""

    template_directory = "wagtail_live/notifications/"

    def __init__(self, notification: str):
        super().__init__((Channel,))
        self.notification = notification

    def get_template_base_prefix(self, instance, **kwargs):
        return ""

    def get_recipient_users(self, channel, *, users, **kwargs):
        """Return those users who can open the desk now."""
        page = channel.page.specific_deferred
        return [
            user
            for user in users
            if user.has_perm("wagtailadmin.access_admin") and may_read(user, page)
        ]

    def get_context(self, channel, *, posts, **kwargs):
        page = channel.page.specific_deferred
        return {
            **super().get_context(channel),
            **DECISION,
            **{name: kwargs[name] for name in DECISION if name in kwargs},
            "title": page.get_admin_display_title(),
            "desk_url": make_url(page, "index", page.pk),
            "posts": [describe(post, page) for post in posts[:MAX_LISTED]],
            "post_count": len(posts),
        }

    def send_emails(self, template_set, context, recipients, **kwargs):
        connection = get_mailer()
        if getattr(connection, "timeout", TIMEOUT) is None:
            connection.timeout = TIMEOUT
        try:
            connection.open()
        except Exception as error:
            logger.exception("Could not connect to the mail server.")
            raise NotSent from error
        try:
            for recipient in recipients:
                self.send_email(connection, template_set, context, recipient)
        finally:
            connection.close()

    def send_email(self, connection, template_set, context, recipient) -> None:
        context = {**context, "user": recipient}
        language = recipient.wagtail_userprofile.get_preferred_language()
        try:
            with override(language):
                subject, text = (
                    render_to_string(template_set[name], context).strip()
                    for name in ("subject", "text")
                )
                html = None
                if getattr(settings, "WAGTAILADMIN_NOTIFICATION_USE_HTML", False):
                    html = render_to_string(template_set["html"], context)
            subject = " ".join(subject.split())
            send_mail(
                subject,
                text,
                [recipient.email],
                connection=connection,
                html_message=html,
            )
        except Exception:
            logger.exception("Could not send a mail to user %s.", recipient.pk)


def describe(post: LivePost, page: Any) -> dict[str, str]:
    submitter = find_submitter(post)
    exists = LivePost.objects.filter(pk=post.pk).exists()
    return {
        "headline": post.headline or post.neutral_name,
        "name": user_display_name(submitter) if submitter else post.byline,
        "url": make_url(page, "edit", page.pk, post.pk) if exists else "",
    }


def make_url(page: Any, name: str, *args: Any) -> str:
    """Return the absolute URL of a view of the desk."""
    site = find_site(page)
    base_url = get_admin_base_url() or (site.root_url if site else "")
    return base_url + reverse(f"wagtail_live:{name}", args=args)


def find_submitter(post: LivePost) -> Any:
    """Return the user who has submitted a post last, ``None`` for one of the system."""
    logs = registry.get_logs_for_instance(post)
    submitted = logs.filter(action=LOG_ACTIONS["submitted"]).order_by("-timestamp")
    entry = submitted.first()
    users = get_user_model()._default_manager
    return users.filter(pk=entry.user_id).first() if entry else None


@as_in_requests()
def notify_publishers(channel: Channel, post_ids: Iterable[UUID]) -> None:
    """Mail the posts that still wait to those who may publish them, except to the only
    one who has submitted them. Raise ``NotSent`` without a mail server."""
    posts = list(channel.posts.submitted().filter(pk__in=post_ids).with_author())
    submitters = {find_submitter(post) for post in posts}
    include = getattr(settings, "WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS", True)
    users = get_publishers(channel.page.specific_deferred, include_superusers=include)
    if len(submitters) == 1 and (submitter := submitters.pop()):
        users = users.exclude(pk=submitter.pk)
    if posts:
        PostNotifier("submitted")(channel, users=users, posts=posts)


@as_in_requests()
def notify_submitter(notice: ReviewNotice) -> None:
    """Mail the decision of an editor to the user who has submitted the post. Raise
    ``NotSent`` without a mail server."""
    post = notice.channel.posts.filter(pk=notice.post_id).first()
    shown = post or LivePost(
        pk=notice.post_id, channel=notice.channel, title=notice.headline
    )
    submitter = find_submitter(shown)
    if submitter is None or submitter == notice.user:
        return
    is_approved = notice.outcome in APPROVED
    PostNotifier("approved" if is_approved else "rejected")(
        notice.channel,
        users=[submitter],
        posts=[shown],
        outcome=notice.outcome,
        editor=notice.user and user_display_name(notice.user),
        go_live_at=post and post.go_live_at,
    )
