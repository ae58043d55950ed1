"""The setting of the app, and the attribute of page types that replaces it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from wagtail.fields import StreamField

from ...conf import Setting
from ...models import get_page_model

APP = "wagtail_live.contrib.article"
EXAMPLE = '["news.ArticlePage"]'


class PageTypes(Setting[list[Any]]):
    """Returns the page types. They have a ``StreamField`` for what a post consists of."""

    def clean(self, value: Any) -> list[Any]:
        try:
            return read_page_types(value)
        except ImproperlyConfigured as error:
            self.fail(str(error))


get_page_types = PageTypes(
    "WAGTAIL_LIVE_ARTICLE_PAGE_TYPES",
    [],
    "wagtail_live_article.E001",
    "The page types that editors can make of a post, such as `news.ArticlePage`. A live "
    "page type can have others in its attribute `live_article_page_types`.",
    f"Set WAGTAIL_LIVE_ARTICLE_PAGE_TYPES to a list such as {EXAMPLE}.",
    app=APP,
).read


def read_page_types(value: Any) -> list[Any]:
    """Return the page types that a list names, or raise ``ImproperlyConfigured``."""
    if not isinstance(value, list | tuple):
        raise ImproperlyConfigured(f"must be a list such as {EXAMPLE}, not {value!r}.")
    return [_read_page_type(each) for each in value]


def _read_page_type(value: Any) -> Any:
    try:
        model = apps.get_model(value) if isinstance(value, str) else value
    except (LookupError, ValueError):
        raise ImproperlyConfigured(
            f"must name page types such as {EXAMPLE}, and there is no {value!r}."
        ) from None
    if not (isinstance(model, type) and issubclass(model, get_page_model())):
        raise ImproperlyConfigured(f"must name page types; {value!r} is none.")
    if find_body(model) is None:
        wanted = getattr(model, "live_article_body", None)
        field = f"StreamField {wanted!r}" if wanted else "StreamField"
        raise ImproperlyConfigured(
            f"must name page types with a StreamField; {model.__name__} has no {field}."
        )
    return model


def find_body(model: Any) -> StreamField | None:
    """Return the field for the blocks: the one in ``live_article_body``, or else the first
    ``StreamField`` of the page type."""
    if name := getattr(model, "live_article_body", None):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        return field if isinstance(field, StreamField) else None
    found = (field for field in model._meta.fields if isinstance(field, StreamField))
    return next(found, None)


def get_types_of(page: Any) -> list[Any]:
    """Return the page types that editors can make of a post of a live page."""
    own = getattr(page, "live_article_page_types", None)
    return get_page_types() if own is None else read_page_types(own)
