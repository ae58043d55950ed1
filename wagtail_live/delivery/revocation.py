"""Changes of pages that may end read access, announced to the hubs of all processes.

Hubs also notice most of them when they look at the database, and check access again before
each update. So a change without a signal, as by ``QuerySet.update()``, ends delivery, too.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import PageViewRestriction, Site
from wagtail.signals import post_page_move

from .. import cursors
from ..bus import get_bus
from ..bus.base import ALL_CHANNELS
from ..models import Channel, get_page_model
from ..signals import access_changed


def connect_page_models() -> None:
    """Watch the page types of the site, and no other model: posts are saved often."""
    for model in apps.get_models():
        if issubclass(model, get_page_model()):
            post_save.connect(announce_unpublished_page, sender=model)


def announce_unpublished_page(instance: Any, using: str, **kwargs: Any) -> None:
    """Announce a page that is not published, or has expired."""
    if not instance.live:
        announce(using=using)


@receiver(post_page_move)
def announce_moved_page(instance: Any, **kwargs: Any) -> None:
    announce(using=instance._state.db)


@receiver(post_save, sender=PageViewRestriction)
@receiver(post_save, sender=Site)
@receiver(post_delete, sender=Site)
@receiver(post_delete, sender=Channel)
def announce(*, using: str, **kwargs: Any) -> None:
    """Announce after the commit that access to pages may have ended."""
    send = partial(access_changed.send_robust, sender=Channel)
    transaction.on_commit(send, using=using)
    get_bus().announce(ALL_CHANNELS, cursors.now(), using=using)
