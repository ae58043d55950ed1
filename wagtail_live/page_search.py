"""Lets Wagtail's search for pages find what readers see of the posts, where the page type
has ``get_live_posts_text`` among its ``search_fields``."""

from __future__ import annotations

from typing import Any

import swapper
from django.db.models import Q
from django.dispatch import receiver
from wagtail.models import get_page_models
from wagtail.search import index

from .models import Channel, LivePageMixin
from .signals import live_page_update

TEXT = "get_live_posts_text"
# What was withdrawn must not be found. What is new can wait until nobody writes.
INDEXED_AFTER = ("edited", "hidden", "deleted", "paused", "ended")


@receiver(live_page_update, sender=Channel)
def index_page(sender: Any, channel: Channel, action: str, **kwargs: Any) -> None:
    types = [model for model in get_page_models() if _finds_posts(model)]
    if types and action in INDEXED_AFTER:
        is_shown = Q(pk=channel.page_id) | Q(alias_of=channel.page_id)
        pages = swapper.load_model("wagtailcore", "Page").objects
        for page in pages.type(*types).filter(is_shown).specific():
            index.insert_or_update_object(page)


def _finds_posts(model: Any) -> bool:
    return issubclass(model, LivePageMixin) and any(
        field.field_name == TEXT for field in model.get_search_fields()
    )
