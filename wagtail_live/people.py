"""The people who are authors without an account: objects of WAGTAIL_LIVE_AUTHOR_MODEL.

A post keeps a reference such as ``news.authorpage:5``, so that the setting can change
without a migration: the references of another model are kept, and lead nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.models import AbstractPage, PageViewRestriction, TranslatableMixin

from . import conf
from .background import as_in_requests
from .text import normalise_line

NAME_FIELDS = ("title", "first_name", "last_name", "name", "full_name", "display_name")
NAME_LENGTH = 255
MAX_WORDS = 5


def refer_to(person: Any) -> str:
    """Return the reference to an object of the site's author model; ``TypeError`` for
    anything else."""
    model = conf.get_author_model()
    if model is None or not isinstance(person, model):
        raise TypeError(f"{person!r} is not an object of WAGTAIL_LIVE_AUTHOR_MODEL.")
    return f"{model._meta.label_lower}:{person.pk}"


def get_person_name(person: Any) -> str:
    return normalise_line(str(person))[:NAME_LENGTH]


def find_people(references: Iterable[str]) -> dict[str, Any]:
    """Return the people by their references, from one query. Those that nobody or not
    everybody may see have an empty ``live_profile``."""
    model = conf.get_author_model()
    if model is None:
        return {}
    prefix = f"{model._meta.label_lower}:"
    keys = [each.removeprefix(prefix) for each in references if each.startswith(prefix)]
    return find_by_keys(with_privacy(model._default_manager.all()), keys)


def find_by_keys(people: QuerySet, keys: Iterable[str]) -> dict[str, Any]:
    """Return those of the people, read ``with_privacy``, who have these primary keys, by
    their references."""
    wanted = set()
    for key in keys:
        try:
            wanted.add(people.model._meta.pk.to_python(key))
        except ValidationError:
            continue
    rows = people.filter(pk__in=wanted) if wanted else []
    return {refer_to(person): describe(person) for person in rows}


def offer_people(page: Any, words: str = "") -> QuerySet:
    """Return the people who can become authors of a page's posts and whose names have
    these words: no drafts, and one of several translations. The site has a model."""
    model: Any = conf.get_author_model()
    people = model._default_manager.all()
    if any(field.name == "live" for field in model._meta.concrete_fields):
        people = people.filter(live=True)
    if issubclass(model, AbstractPage):
        people = people.exclude(alias_of__locale=F("locale"))
    if issubclass(model, TranslatableMixin):
        people = choose_translations(people, page.locale_id)
    return with_privacy(search(people, words))


def search(people: QuerySet, words: str) -> QuerySet:
    """Return those of the people whose names have these words, by their names."""
    named = find_name_fields(people.model)
    for word in words.split()[:MAX_WORDS]:
        has_word = Q()
        for name in named:
            has_word |= Q(**{f"{name}__icontains": word})
        people = people.filter(has_word)
    return people.order_by(*named, "pk")


def find_by_name(name: str) -> Any:
    """Return the only person of this name, ``None`` if there is none, or several."""
    model = conf.get_author_model()
    if model is None or not name:
        return None
    found = search(model._default_manager.all(), name)
    same = [each for each in found if get_person_name(each) == name]
    return same[0] if len(same) == 1 else None


def choose_translations(people: QuerySet, locale_id: Any) -> QuerySet:
    """Return of each person the translation in a locale, or else the oldest one."""
    same = people.filter(translation_key=OuterRef("translation_key")).order_by()
    is_oldest = ~Exists(same.filter(pk__lt=OuterRef("pk")))
    is_missing = ~Exists(same.filter(locale=locale_id))
    return people.filter(Q(locale=locale_id) | (is_missing & is_oldest))


def find_name_fields(model: type[models.Model]) -> list[str]:
    """Return the fields to search for names: those that are called so, or else all texts."""
    texts = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
    ]
    return [name for name in NAME_FIELDS if name in texts] or texts


def with_privacy(people: QuerySet) -> QuerySet:
    """Note on each page whether it, or a page above it, has a view restriction."""
    if not issubclass(people.model, AbstractPage):
        return people
    path = Cast(OuterRef("path"), models.CharField())
    closed = PageViewRestriction.objects.alias(path_of_author=path)
    closed = closed.filter(path_of_author__startswith=F("page__path"))
    return people.annotate(live_is_closed=Exists(closed))


def is_open(person: Any) -> bool:
    """Return whether everybody may see a person that ``with_privacy`` has read."""
    return getattr(person, "live", True) and not getattr(
        person, "live_is_closed", isinstance(person, AbstractPage)
    )


def describe(person: Any) -> Any:
    """Note what readers see of a person, beside the profile that the site has."""
    person.live_profile = {"url": get_url(person)} if is_open(person) else {}
    return person


def get_url(person: Any) -> str:
    find = getattr(person, "get_url", None) or getattr(person, "get_absolute_url", None)
    with as_in_requests():
        return (find and find()) or ""
