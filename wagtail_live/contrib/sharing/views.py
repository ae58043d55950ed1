"""The view in which editors choose the page for a copy or a share of a post."""

from __future__ import annotations

from itertools import chain
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from ... import posts
from ...admin.base import LivePageViewMixin, get_posts
from ...models import LivePost
from ...permissions import may_read
from .copying import Exposed, Refused, copy, share
from .models import SharedPost
from .places import Place, find_place, find_places, get_channel
from .privacy import is_public


class PlacesView(LivePageViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """Copies a post to another live page, or shares it with one."""

    template_name = "wagtail_live/sharing/places.html"
    is_copying = False
    error: Any = ""
    may_confirm = False

    def setup(self, request, *args, post_id, **kwargs):
        super().setup(request, *args, **kwargs)
        self.post_id = post_id

    def get_page_title(self):
        if self.is_copying:
            return _("Copy to another live blog")
        return _("Share with another live blog")

    @property
    def header_icon(self):
        return "copy" if self.is_copying else "link"

    @cached_property
    def live_post(self) -> LivePost:
        return get_object_or_404(get_posts(self.channel), pk=self.post_id)

    @property
    def desk_url(self) -> str:
        return reverse("wagtail_live:index", args=[self.page.pk])

    def get(self, request, *args, **kwargs):
        self.live_post  # noqa: B018 (404 for a post of another page)
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        post = self.live_post
        place = find_place(request.user, self.page, request.POST.get("page", ""))
        if place is None:
            self.error = _("Choose a live blog.")
            return self.refuse_choice()
        try:
            made = self.make(post, place)
        except Refused as refused:
            self.error = refused.reason
            self.may_confirm = isinstance(refused, Exposed) and refused.may_confirm
            return self.refuse_choice()
        except PermissionDenied:
            self.error = _("You no longer have permission to write on this page.")
            return self.refuse_choice(status=403)
        except posts.Withdrawn:
            self.error = _("This post was published there and has since been deleted.")
            return self.refuse_choice(status=410)
        except LivePost.DoesNotExist:
            messages.error(request, _("This post has been deleted in the meantime."))
            return redirect(self.desk_url)
        messages.success(
            request, self.describe(made, place), buttons=self.lead_to(made)
        )
        return redirect(f"{self.desk_url}?post={post.pk}")

    def make(self, post: LivePost, place: Place) -> LivePost:
        token = self.request.POST.get("token", "")
        make = copy if self.is_copying else share
        return make(
            post,
            get_channel(place.page),
            actor=self.request.user,
            message_id=str(read_token(token) or uuid4()),
            is_confirmed=self.request.POST.get("confirm") == "1",
        )

    def describe(self, made: LivePost, place: Place) -> str:
        if not made.show:
            text = _("Post submitted to the editors of “%(page)s”.")
        elif self.is_copying:
            text = _("Post copied to “%(page)s”.")
        else:
            text = _("Post shared with “%(page)s”.")
        return text % {"page": place.page.get_admin_display_title()}

    def lead_to(self, made: LivePost) -> list[Any]:
        url = reverse("wagtail_live:index", args=[made.channel.page_id])
        return [messages.button(f"{url}?post={made.pk}", _("Open the post"))]

    def refuse_choice(self, status: int = 422):
        return self.render_to_response(self.get_context_data(), status=status)

    def get_context_data(self, **kwargs):
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        words = data.get("q", "")
        places = find_places(self.request.user, self.find_taken(), words)
        chosen = find_place(self.request.user, self.page, data.get("page", ""))
        if chosen and chosen.page.pk not in [each.page.pk for each in places]:
            places.insert(0, chosen)
        return super().get_context_data(
            page=self.page,
            live_post=self.live_post,
            desk_url=f"{self.desk_url}?post={self.post_id}",
            is_copying=self.is_copying,
            places=places,
            chosen=chosen and chosen.page.pk,
            words=words,
            token=read_token(data.get("token", "")) or uuid4(),
            error=self.error,
            may_confirm=self.may_confirm,
            shares=[] if self.is_copying else self.list_shares(),
            **kwargs,
        )

    def find_taken(self) -> set[Any]:
        """Return the keys of the pages that have the post already."""
        if self.is_copying:
            return {self.page.pk}
        ids = [self.post_id]
        own = SharedPost.objects.filter(post_id=self.post_id, ended="")
        ids += own.values_list("original_id", flat=True)
        links = SharedPost.objects.filter(original_id__in=ids, ended="")
        keys = links.values_list("channel__page", "original_channel__page")
        return {self.page.pk, *chain.from_iterable(keys)}

    def list_shares(self) -> list[dict[str, Any]]:
        """Return the shares of this post, with the names of those pages that the user may
        know."""
        links = SharedPost.objects.filter(original_id=self.post_id)
        shares = []
        for link in links.select_related("channel__page").order_by("shared_at"):
            page = link.channel.page
            is_open = may_read(self.request.user, page.specific_deferred)
            url = reverse("wagtail_live:index", args=[page.pk]) if is_open else ""
            is_known = is_open or is_public(page)
            title = page.get_admin_display_title() if is_known else _("Another page")
            state = link.get_ended_display() if link.ended else _("linked")
            shares.append({"title": title, "url": url, "state": state, "link": link})
        return shares


def read_token(text: str) -> UUID | None:
    """Return the id of a form, by which it is known if it is sent again."""
    try:
        return UUID(text)
    except ValueError:
        return None
