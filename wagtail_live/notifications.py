"""Mails about posts that are submitted, and about the editor's decision.

They follow the notification preferences in the profiles of Wagtail's users. Wagtail sends
a mail for each page that is submitted; posts of a live blog come faster, so that the first
one is sent at once, and those of the next minute are one mail.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import get_connection
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override
from wagtail.admin.mail import EmailNotificationMixin, Notifier, send_mail
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name
from wagtail.admin.utils import get_admin_base_url
from wagtail.log_actions import registry

from .background import after_fork, as_in_requests, later
from .models import Channel, LivePost, PostStatus
from .page.rendering import find_site
from .permissions import get_publishers, may_read
from .posts.history import LOG_ACTIONS
from .signals import live_post_reviewed

logger = logging.getLogger("wagtail_live.notifications")

INTERVAL = 60.0  # seconds between two mails about posts submitted on one page
TIMEOUT = 30.0  # seconds to wait for a mail server, if the site sets no EMAIL_TIMEOUT
MAX_LISTED = 20


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
            "title": page.get_admin_display_title(),
            "desk_url": make_url(page, "index", page.pk),
            "posts": [describe(post, page) for post in posts[:MAX_LISTED]],
            "post_count": len(posts),
        }

    def send_emails(self, template_set, context, recipients, **kwargs):
        connection = get_connection()
        if getattr(connection, "timeout", TIMEOUT) is None:
            connection.timeout = TIMEOUT  # type: ignore[attr-defined]
        try:
            connection.open()
            for recipient in recipients:
                self.send_email(connection, template_set, context, recipient)
        except Exception:
            logger.exception("Could not connect to the mail server.")
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


class Submissions:
    """Collects the posts submitted on each page, and mails them at once, but not more
    often than every ``INTERVAL`` seconds in this process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[UUID]] = {}

    def add(self, channel: Channel, post_id: UUID) -> None:
        key = channel.channel_id
        with self._lock:
            is_first = key not in self._waiting
            self._waiting.setdefault(key, []).append(post_id)
        if is_first:
            later(self._send, key)

    def _send(self, key: str) -> None:
        with self._lock:
            post_ids = self._waiting.pop(key)
            if not post_ids:
                return
            self._waiting[key] = []
        # A job of its own: it is run again if SQLite is locked.
        later(notify_publishers, key, post_ids)
        later(self._send, key, delay=INTERVAL)


@as_in_requests()
def notify_publishers(channel_id: str, post_ids: Iterable[UUID]) -> None:
    """Mail the posts that still wait to those who may publish them, except to the only
    one who has submitted them."""
    channel = (
        Channel.objects.select_related("page").filter(channel_id=channel_id).first()
    )
    if channel is None:
        return
    posts = list(channel.posts.submitted().filter(pk__in=post_ids).with_author())
    submitters = {find_submitter(post) for post in posts}
    include = getattr(settings, "WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS", True)
    users = get_publishers(channel.page.specific_deferred, include_superusers=include)
    if len(submitters) == 1 and (submitter := submitters.pop()):
        users = users.exclude(pk=submitter.pk)
    if posts:
        PostNotifier("submitted")(channel, users=users, posts=posts)


@as_in_requests()
def notify_submitter(post: LivePost, notification: str, user: Any) -> None:
    """Mail the decision of an editor to the user who has submitted the post."""
    submitter = find_submitter(post)
    if submitter and submitter != user:
        PostNotifier(notification)(post.channel, users=[submitter], posts=[post])


submissions = Submissions()
after_fork(submissions.reset)


@receiver(live_post_reviewed)
def notify(
    post: LivePost,
    before: PostStatus | None,
    after: PostStatus | None,
    user: Any,
    **kwargs: Any,
) -> None:
    if after == PostStatus.SUBMITTED:
        submissions.add(post.channel, post.pk)
    elif before == PostStatus.SUBMITTED:
        is_approved = after in (PostStatus.PUBLISHED, PostStatus.SCHEDULED)
        later(notify_submitter, post, "approved" if is_approved else "rejected", user)
