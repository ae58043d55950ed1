"""Base classes of the admin views of a live page: permissions, header, breadcrumbs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views import View
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from .. import cursors, permissions, posts
from ..models import Channel, LivePost, LivePostQuerySet, get_live_page
from ..page.visibility import get_visibility
from ..rich_text import NotRichText, TooLong, TooManyParts, check_fields

logger = logging.getLogger("wagtail_live.admin")

USER_HEADER = "X-Live-Desk-User"  # of a desk that was opened by this user


@dataclass(frozen=True)
class DeskRights:
    """A user's rights on the live desk, and the page lock that makes it read-only."""

    may_read: bool
    may_draft: bool
    may_publish: bool
    lock: Any = None
    page: Any = None
    user: Any = None

    @cached_property
    def post_buttons(self) -> list[Callable[[LivePost], Iterable[Any]]]:
        """The functions of apps that return buttons for the menu of a post."""
        registered = hooks.get_hooks("register_live_post_buttons")
        return list(filter(None, (each(self.page, self.user) for each in registered)))

    @cached_property
    def find_notices(self) -> list[Callable[[LivePost], Iterable[Any]]]:
        """The functions of apps that return texts for editors of a post."""
        registered = hooks.get_hooks("register_live_post_notices")
        return list(filter(None, (each(self.page, self.user) for each in registered)))

    def get_notices(self, post: LivePost) -> list[Any]:
        return [notice for find in self.find_notices for notice in find(post)]

    @property
    def version(self) -> str:
        """Return a text that differs for other rights."""
        return permissions.describe(self.may_draft, self.may_publish, self.lock)

    def may_change(self, post: LivePost) -> bool:
        """Return whether the user may edit a post. Published and scheduled posts need the
        right to publish."""
        return self.may_publish or (self.may_draft and post.is_unpublished)


def get_posts(channel: Channel) -> LivePostQuerySet:
    """Return all posts of a channel, or none if the channel is not saved yet."""
    return channel.posts.all() if channel.pk else LivePost.objects.none()


class LivePageViewMixin:
    """A view below a live page, for users who may edit or publish the page."""

    request: HttpRequest
    header_icon = "comment"
    # Permissions on the page replace those on models.
    any_permission_required = None
    permission_required = None

    def setup(self, request, *args, page_id, **kwargs):
        # Wagtail's generic views look up their object here.
        self.page = get_live_page(page_id)
        super().setup(request, *args, **kwargs)

    def dispatch(self, request, *args, page_id=None, **kwargs):
        if not self.is_allowed():
            return self.refuse()
        return super().dispatch(request, *args, **kwargs)

    def is_allowed(self) -> bool:
        return self.rights.may_read

    def refuse(self) -> HttpResponse:
        return render(self.request, "wagtail_live/desk/forbidden.html", status=403)

    @cached_property
    def rights(self) -> DeskRights:
        user = self.request.user
        return DeskRights(
            may_read=permissions.may_read(user, self.page),
            lock=permissions.get_lock(user, self.page),
            page=self.page,
            user=user,
            **permissions.get_rights(user, self.page)._asdict(),
        )

    @property
    def desk_state(self) -> str:
        """A text that differs if the user has other rights, or readers no longer see the
        page, as the desk's script and its stream compare it."""
        return self.rights.version + get_visibility(self.page).key

    @cached_property
    def channel(self) -> Channel:
        """The channel, read before its posts, so that its cursor isn't newer than they are.

        If the page has none, it is an unsaved channel, which the first write saves.
        """
        unsaved = Channel(page_id=self.page.pk, last_updated_at=cursors.at(0))
        return self.page.find_channel() or unsaved.of_type(self.page)

    def get_page_subtitle(self) -> str:
        return self.page.get_admin_display_title()

    def get_section(self) -> tuple[str, str] | None:
        """Return the URL and label of the view between the desk and this one."""
        return None

    def get_breadcrumbs_items(self) -> list[dict]:
        desk = reverse("wagtail_live:index", args=[self.page.pk])
        trail = [
            (reverse("wagtail_live:live"), _("Live")),
            (desk, self.page.get_admin_display_title()),
        ]
        section = self.get_section()
        if section and section[0] != self.request.path:
            trail.append(section)
        trail.append(("", self.get_page_title()))
        items = [{"url": url, "label": label} for url, label in trail]
        return [*self.breadcrumbs_items, *items]


class DeskForm(WagtailAdminModelForm):
    """A form that raises ``BadRequest`` for data that Wagtail's fields fail to read: parts
    are missing, or values are not those of the form."""

    def full_clean(self):
        with reading_form():
            super().full_clean()

    def fill(self, data) -> None:
        """Show values that were not saved."""
        with reading_form():
            for name, field in self.fields.items():
                self.initial[name] = field.widget.value_from_datadict(
                    data, {}, self.add_prefix(name)
                )


@contextmanager
def reading_form() -> Iterator[None]:
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise BadRequest(f"Not the data of a form: {type(error).__name__}") from error


class JSONView(LivePageViewMixin, View):
    """A view that returns JSON to the desk's script.

    Errors have the key ``error``, so that the script can distinguish them from a login
    page or the error page of a proxy.
    """

    def dispatch(self, request, *args, **kwargs):
        if request.headers.get(USER_HEADER, str(request.user.pk)) != str(
            request.user.pk
        ):
            return json_error(explain_other_user(request.user), 401)
        try:
            # Before the forms convert any of it.
            check_fields(
                value for values in request.POST.lists() for value in values[1]
            )
            return super().dispatch(request, *args, **kwargs)
        except TooLong as error:
            reason = explain_length(error)
            return json_error(reason, 413, fields={find_longest(request.POST): reason})
        except RequestDataTooBig:
            return json_error(explain_data_limit(), 413)
        except NotRichText:
            return json_error(_("The text is not valid."), 400)
        except permissions.OnlyOwnName:
            error = _("You may only post under your own name on this page.")
            return json_error(error, 403)
        except PermissionDenied:
            return self.refuse()
        except BadRequest as error:
            logger.warning("%s: %s", request.path, error)
            return json_error(_("The request is not valid. Reload the page."), 400)
        except LivePost.DoesNotExist:
            return json_error(_("This post has been deleted in the meantime."), 410)
        except posts.Withdrawn:
            error = _("This post was published and has since been deleted.")
            return json_error(error, 410)

    def refuse(self) -> HttpResponse:
        """Say which right is missing, because it may have been lost since the desk was
        opened."""
        rights = self.rights
        if rights.lock:
            error = strip_tags(rights.lock.get_message(self.request.user))
        elif rights.may_draft:
            error = _(
                "You do not have permission to publish on this page. You can write posts "
                "and submit them to an editor."
            )
        else:
            error = _(
                "You no longer have permission to edit or publish this page. Ask an "
                "administrator."
            )
        return json_error(error, 403)

    def require(self, is_allowed: bool) -> None:
        if not is_allowed:
            raise PermissionDenied

    def get_post(self, post_id) -> LivePost:
        return get_posts(self.channel).with_author().get(pk=post_id)


def explain_length(error: TooLong) -> str:
    """Return the message for a text that is too long."""
    if isinstance(error, TooManyParts):
        text = _(
            "A paragraph has too many lines, formats or links. The limit is %(limit)s. "
            "Make two paragraphs of it."
        )
    else:
        text = _(
            "The text is too long. "
            "The limit is %(limit)s characters, including HTML tags."
        )
    return text % vars(error)


def find_longest(fields: QueryDict) -> str:
    """Return the name of the field with the longest value."""
    values = {name: sum(map(len, fields.getlist(name))) for name in fields}
    return max(values, key=lambda name: values[name], default="")


def explain_data_limit() -> str:
    """Return the message for a form that Django refuses to read."""
    limit = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return _("The post is too large. The limit is %(limit)s.") % {"limit": limit}


def explain_other_user(user) -> str:
    """Return the message for a desk whose user is no longer the one who is signed in."""
    return _(
        "You are now signed in as %(name)s in this browser. Your text is kept, and will be "
        "sent when you sign in again as the user who wrote it."
    ) % {"name": user_display_name(user)}


def json_error(message: str, status: int, **others) -> JsonResponse:
    return JsonResponse({"error": str(message), **others}, status=status)
