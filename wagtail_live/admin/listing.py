"""The list of live pages in the admin."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Max, OuterRef, Subquery
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.models import get_page_models
from wagtail.permissions import page_permission_policy

from ..models import Channel, ChannelState, LivePageMixin, LivePost


def get_live_pages(user):
    """Return the live pages that a user may edit or publish, without aliases."""
    models = [model for model in get_page_models() if issubclass(model, LivePageMixin)]
    pages = page_permission_policy.instances_user_has_any_permission_for(
        user, ["change", "publish"]
    )
    types = ContentType.objects.get_for_models(*models).values()
    return pages.filter(content_type__in=types, alias_of=None)


def annotate_activity(pages):
    """Annotate pages with their state, number of posts and time of the last post."""
    channel = Channel.objects.filter(page=OuterRef("pk"))
    visible = LivePost.objects.visible().filter(channel__page=OuterRef("pk"))
    by_channel = visible.order_by().values("channel")
    return pages.annotate(
        state=Subquery(channel.values("state")[:1]),
        updated_at=Subquery(channel.values("last_updated_at")[:1]),
        post_count=Subquery(by_channel.annotate(n=Count("pk")).values("n")),
        last_post_at=Subquery(by_channel.annotate(n=Max("created")).values("n")),
    )


def get_state(page) -> str:
    return ChannelState(page.state or ChannelState.NOT_STARTED).label


class LiveView(BaseListingView):
    page_title = gettext_lazy("Live")
    header_icon = "comment"
    verbose_name_plural = gettext_lazy("live pages")
    index_url_name = "wagtail_live:live"
    paginate_by = 30
    is_searchable = False

    @cached_property
    def columns(self):
        return [
            TitleColumn(
                "title",
                label=_("Page"),
                accessor="get_admin_display_title",
                get_url=lambda page: reverse("wagtail_live:index", args=[page.pk]),
            ),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=get_state,
                primary=lambda page: page.state == ChannelState.LIVE,
            ),
            Column(
                "posts", label=_("Posts"), accessor=lambda page: page.post_count or 0
            ),
            DateColumn("last_post_at", label=_("Last post")),
        ]

    def get_base_queryset(self):
        pages = annotate_activity(get_live_pages(self.request.user))
        return pages.order_by(F("updated_at").desc(nulls_last=True), "title", "pk")
