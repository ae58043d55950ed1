"""Changes of what users may do at the desk, announced to the open desks.

Desks also check it themselves at intervals, for changes without a signal.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver
from wagtail.models import GroupPagePermission, PageLogEntry, WorkflowState
from wagtail.signals import post_page_move

from ..background import threads
from ..models import LivePageMixin, get_page_model
from .announcements import Announcement, announce, send

SIGN_OUT_TIME = 0.5  # seconds after the signal, when the session has been deleted
IN_DATABASE = ("post_add", "post_remove", "post_clear")
SCHEDULING = ("wagtail.publish.schedule", "wagtail.schedule.cancel")
# Of a page: its lock, its rights and whether readers see it.
DESK_FIELDS = (
    *("locked", "locked_by", "owner"),
    *("live", "expired", "first_published_at", "go_live_at", "expire_at"),
)


def connect() -> None:
    """Watch the models that the site may have replaced, and its live page types."""
    user_model = get_user_model()
    post_save.connect(announce_user, sender=user_model)
    post_delete.connect(announce_user, sender=user_model)
    for name in ("groups", "user_permissions"):
        if field := getattr(user_model, name, None):
            m2m_changed.connect(announce_rights, sender=field.through)
    page_model = get_page_model()
    for model in apps.get_models():
        if model is page_model or issubclass(model, LivePageMixin):
            pre_save.connect(remember_page, sender=model)
            post_save.connect(announce_changed_page, sender=model)
            post_delete.connect(announce_page, sender=model)


def remember_page(
    instance: Any, using: str, update_fields: Any = None, **kwargs: Any
) -> None:
    """Remember what a desk shows of a page that is about to be saved. The drafts of
    Wagtail's editor change none of it, which ``update_fields`` says without a query."""
    if update_fields is not None and not any(map(is_desk_field, update_fields)):
        instance._desk_values = read_values(instance)
        return
    pages = get_page_model()._base_manager.using(using).filter(pk=instance.pk)
    instance._desk_values = pages.values_list(*DESK_FIELDS).first()


def is_desk_field(name: str) -> bool:
    return name.removesuffix("_id") in DESK_FIELDS


def read_values(page: Any) -> tuple:
    meta = get_page_model()._meta
    return tuple(getattr(page, meta.get_field(name).attname) for name in DESK_FIELDS)


def announce_changed_page(instance: Any, using: str, **kwargs: Any) -> None:
    """Announce a page that was locked, unlocked, published or unpublished, for example.
    Most saves of pages change nothing for a desk."""
    before = instance.__dict__.pop("_desk_values", None)
    if not kwargs.get("created") and before != read_values(instance):
        announce_page(instance, using)


def announce_page(instance: Any, using: str, **kwargs: Any) -> None:
    announce(Announcement(instance.pk), using=using)


@receiver(post_save, sender=PageLogEntry)
def announce_schedule(instance: PageLogEntry, using: str, **kwargs: Any) -> None:
    """Announce that a page was scheduled, or no longer is, which only the log says."""
    if instance.action in SCHEDULING:
        announce(Announcement(instance.page_id), using=using)


@receiver(post_save, sender=WorkflowState)
def announce_workflow(instance: WorkflowState, using: str, **kwargs: Any) -> None:
    """Announce that a page may have been locked by its workflow."""
    if instance.base_content_type.model_class() is get_page_model():
        announce(Announcement(int(instance.object_id)), using=using)


def announce_user(instance: Any, using: str, **kwargs: Any) -> None:
    """Announce that a user may have been deactivated, or have another password."""
    is_sign_in = set(kwargs.get("update_fields") or ()) == {"last_login"}
    if not is_sign_in and not kwargs.get("created"):
        announce(Announcement(user_id=instance.pk), using=using)


@receiver(user_logged_out)
def announce_sign_out(user: Any, **kwargs: Any) -> None:
    if user is not None:
        threads.add(partial(send, Announcement(user_id=user.pk)), SIGN_OUT_TIME)


@receiver(m2m_changed, sender=Group.permissions.through)
@receiver(post_save, sender=GroupPagePermission)
@receiver(post_delete, sender=GroupPagePermission)
@receiver(post_delete, sender=Group)
def announce_rights(*, using: str, action: str = "post_add", **kwargs: Any) -> None:
    """Announce that anybody's rights may have changed."""
    if action in IN_DATABASE:
        announce(Announcement(), using=using)


@receiver(post_page_move)
def announce_moved_page(instance: Any, **kwargs: Any) -> None:
    """Announce that a page and those below it have other pages above them."""
    announce(Announcement(), using=instance._state.db)
