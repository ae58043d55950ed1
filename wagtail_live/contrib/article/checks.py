"""System check of the attribute of live page types. The setting is checked with all others."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from ...models import LivePageMixin
from . import conf


@checks.register("wagtail_live", checks.Tags.models)
def check_page_types(app_configs: Any, **kwargs: Any) -> list:
    """Report a wrong ``live_article_page_types``."""
    messages = []
    for model in apps.get_models():
        own = getattr(model, "live_article_page_types", None)
        if own is None or not issubclass(model, LivePageMixin):
            continue
        try:
            conf.read_page_types(own)
        except ImproperlyConfigured as error:
            problem = f"{model.__name__}.live_article_page_types {error}"
            hint = f"Set it to a list such as {conf.EXAMPLE}."
            check_id = "wagtail_live_article.E002"
            messages.append(checks.Error(problem, hint=hint, obj=model, id=check_id))
    return messages
