"""The author of a post in its form, and the search for people who can be one."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.http import JsonResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from ... import conf
from ...models import MAX_AUTHORS, MAX_ROLE, LivePost, PostAuthor, prefetch_profiles
from ...page.element import PLURAL_FORMS
from ...people import describe, find_by_keys, get_person_name, offer_people, refer_to
from ...permissions import find_writers, get_name, get_writers
from ...text import normalise_line
from ..base import DeskForm, JSONView

MAX_FOUND = 8
NAME_LENGTH = 255


class AuthorForm(DeskForm):
    """The part of a post's form that says who its authors are.

    ``author`` is the primary key of a user, ``""`` for another author, and missing if it
    stays as it is. ``author_details`` and ``coauthors`` are as ``LivePost`` stores them, as
    JSON.
    """

    author = forms.CharField(
        label=gettext_lazy("Author"), required=False, widget=forms.HiddenInput
    )
    author_details = forms.CharField(
        label=gettext_lazy("Author"), required=False, widget=forms.HiddenInput
    )
    coauthors = forms.CharField(
        label=gettext_lazy("Author"), required=False, widget=forms.HiddenInput
    )
    page: Any = None  # set for a form that is saved

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["author"] = str(self.instance.author_id or "")
        for name in ("author_details", "coauthors"):
            self.initial[name] = json.dumps(getattr(self.instance, name))

    @property
    def author_errors(self) -> list:
        """The errors of the fields, which are hidden behind one of the desk's."""
        names = ("author", "author_name", "author_details", "coauthors")
        return [self[name].errors for name in names]

    @cached_property
    def author_fields(self) -> dict[str, Any]:
        """The fields of a valid form that the writer takes: ``author`` and the details of
        authors are only in it if the form has them."""
        sent = {name for name in self.fields if self.add_prefix(name) in self.data}
        name = self.cleaned_data["author_name"]
        fields = {"author_name": name}
        for each in sent & {"author", "coauthors"}:
            fields[each] = self.cleaned_data[each]
        if "author_details" in sent:
            first = self.cleaned_data["author_details"]._replace(name=name)
            fields["authors"] = [first, *fields.pop("coauthors", ())]
        return fields

    def clean_author(self):
        key = self.cleaned_data["author"]
        return self._find([key]).get(key) if key else None

    def clean_author_details(self):
        given = json.loads(self.cleaned_data["author_details"] or "{}")  # or BadRequest
        [author] = self._read_authors([{**given, "name": ""}])
        return author

    def clean_coauthors(self):
        values = json.loads(self.cleaned_data["coauthors"] or "[]")  # or BadRequest
        if not isinstance(values, list) or len(values) >= MAX_AUTHORS:
            raise ValueError("Not a list of authors.")
        authors = self._read_authors(values)
        if not all(normalise_line(each.name) for each in authors):
            raise forms.ValidationError(
                _("An author has no name. Choose the author again, or remove it.")
            )
        return authors

    def _read_authors(self, values: list[dict[str, str]]) -> list[PostAuthor]:
        for each in values:
            if not all(isinstance(value, str) for value in each.values()):
                raise TypeError("Not an author.")
            if len(each["name"]) > NAME_LENGTH:
                raise forms.ValidationError(_("The name of an author is too long."))
            if len(each.get("role", "")) > MAX_ROLE:
                raise forms.ValidationError(_("The role of an author is too long."))
        users = self._find([each["user"] for each in values if each.get("user")])
        people = self._find_people(
            [each["person"] for each in values if each.get("person")]
        )
        return [
            PostAuthor(
                each["name"],
                user=users.get(each.get("user", "")),
                person=people.get(each.get("person", "")),
                role=each.get("role", ""),
            )
            for each in values
        ]

    def _find_people(self, references: list[str]) -> dict[str, Any]:
        """Return the people, who must be offered on the page, or authors of the post."""
        stored = [self.instance.author_details, *self.instance.coauthors]
        known = {each["person"] for each in stored if "person" in each}
        found = {each: each for each in references if each in known}
        wanted = [each for each in references if each not in known]
        if wanted and conf.get_author_model():
            keys = [each.partition(":")[2] for each in wanted]
            found |= find_by_keys(offer_people(self.page), keys)
        if not found.keys() >= set(references):
            raise forms.ValidationError(
                _("An author is not published any more. Choose another one.")
            )
        return found

    def _find(self, keys: list[str]) -> dict[str, Any]:
        """Return the users, who must be writers of the page, or authors of the post."""
        model = get_user_model()
        wanted = {model._meta.pk.to_python(key) for key in keys}
        known = {str(self.instance.author_id), str(self.for_user.pk)}
        known |= {each.get("user", "") for each in self.instance.coauthors}
        found = {}
        if wanted:
            allowed = get_writers(self.page).filter(pk__in=wanted)
            found = {str(user.pk): user for user in allowed}
            missing = {key for key in keys if key in known and key not in found}
            for user in model._default_manager.filter(pk__in=missing):
                found[str(user.pk)] = user
        if not found.keys() >= set(keys):
            raise forms.ValidationError(
                _("Choose an author who may write on this page, or type a byline.")
            )
        return found


def describe_user(user: Any) -> dict[str, Any]:
    """Return a person for the author field of the desk."""
    name = get_name(user)
    shown = describe_author(PostAuthor(name or user.get_username(), user))
    return {**shown, "account": user.get_username(), "hasName": bool(name)}


def describe_person(person: Any) -> dict[str, Any]:
    """Return an object of the site's author model for the author field of the desk."""
    author = PostAuthor(get_person_name(person), person=person)
    kind = author.job_title or str(person._meta.verbose_name)
    return {**describe_author(author), "account": kind, "hasName": True}


def describe_author(author: PostAuthor) -> dict[str, str]:
    return {
        "user": str(author.user.pk) if author.user else "",
        "person": refer_to(author.person) if author.person else "",
        "name": author.name,
        "role": author.role,
        "picture": author.picture,
    }


def get_field_context(user: Any, post: LivePost) -> dict[str, Any]:
    """Return the context of ``author.html``: the user, and the people of the post."""
    users = {each.user.pk: each.user for each in post.authors if each.user}
    if post.author:
        users[post.author.pk] = post.author
    people = [describe_person(each.person) for each in post.authors if each.person]
    return {
        "own_author": json.dumps(describe_user(user)),
        "people": json.dumps([*map(describe_user, users.values()), *people]),
        "max_authors": MAX_AUTHORS,
        "max_role": MAX_ROLE,
    }


def get_shown_authors(post: LivePost) -> list[dict[str, str]]:
    """Return the authors for the timeline: of a post without a byline the user."""
    authors = post.authors
    if not authors and post.author:
        authors = [PostAuthor(user_display_name(post.author), post.author)]
    return [describe_author(each) for each in authors]


def get_author_texts() -> dict[str, str]:
    """Return the texts of the author field for the desk's script."""
    texts = {
        "author": _("Author"),
        "author_add": _("Add author"),
        "author_as": _("Posting as"),
        "author_byline": _("Use “%(name)s” as the byline"),
        "author_change": _("Change author"),
        "author_earlier": _("Move %(name)s up"),
        "author_limit": ngettext(
            "A post can have %(count)s author. Remove one to add another.",
            "A post can have up to %(count)s authors. Remove one to add another.",
            MAX_AUTHORS,
        )
        % {"count": MAX_AUTHORS},
        "author_own": _("Post as yourself"),
        "author_remove": _("Remove %(name)s"),
        "author_role": _("Role"),
        "author_role_of": _("Role of %(name)s"),
        "author_search": _("Search for a person, or type a byline"),
        "author_show": _("Show the name to readers"),
    }
    for form, number in PLURAL_FORMS.items():
        texts[f"author_found_{form}"] = ngettext(
            "%(count)s person found", "%(count)s people found", number
        )
    return texts


class AuthorsView(JSONView):
    """The people who may write on the page, and those of the site's author model, for those
    who may choose one as the author."""

    def get(self, request):
        self.require(self.rights.may_publish)
        found = find_writers(self.page, request.GET.get("q", "")[:NAME_LENGTH])
        users = [describe_user(each) for each in found[:MAX_FOUND]]
        return JsonResponse({"people": [*self.find_people(), *users]})

    def find_people(self) -> list[dict[str, Any]]:
        """Find people of the site's author model, if it has one."""
        if conf.get_author_model() is None:
            return []
        words = self.request.GET.get("q", "")[:NAME_LENGTH]
        found = [*map(describe, offer_people(self.page, words)[:MAX_FOUND])]
        prefetch_profiles([each for each in found if each.live_profile])
        return [*map(describe_person, found)]
