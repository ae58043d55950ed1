"""The list of live pages in the admin."""

from __future__ import annotations

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.models import get_page_models
from wagtail.permissions import page_permission_policy

from ..models import (
    Channel,
    ChannelState,
    LivePageMixin,
    LivePost,
    PostStatus,
    get_page_model,
)

# The order of states in lists; others come last.
ORDER = {ChannelState.LIVE: 0, ChannelState.PAUSED: 1}


def get_live_pages(user, rights=("change", "publish")):
    """Return the live pages on which a user has one of these rights, without aliases."""
    models = [model for model in get_page_models() if issubclass(model, LivePageMixin)]
    pages = page_permission_policy.instances_user_has_any_permission_for(user, rights)
    types = ContentType.objects.get_for_models(*models).values()
    return pages.filter(content_type__in=types, alias_of=None)


def annotate_activity(pages):
    """Annotate pages with their state, the number of posts that await review, and the
    times of the last update and the last post. The time doesn't grow with the posts."""
    channel = Channel.objects.filter(page=OuterRef("pk"))
    last_post = get_posts_of_page().visible().order_by("-created")
    state = Subquery(channel.values("state")[:1])
    return pages.annotate(
        state=Coalesce(state, Value(ChannelState.NOT_STARTED.value)),
        updated_at=Subquery(channel.values("last_updated_at")[:1]),
        waiting=count_posts(get_posts_of_page().submitted()),
        last_post_at=Subquery(last_post.values("created")[:1]),
    )


def get_posts_of_page():
    """Return the posts of the page of the outer query."""
    return LivePost.objects.filter(channel__page=OuterRef("pk"))


def count_posts(posts):
    """Return the number of these posts for each page of the outer query."""
    counts = posts.order_by().values("channel").annotate(n=Count("pk"))
    return Coalesce(Subquery(counts.values("n")), Value(0))


def order_by_activity(pages):
    """Order annotated pages: first those that are live, then by their last update."""
    cases = [When(state=state, then=Value(rank)) for state, rank in ORDER.items()]
    rank = Case(*cases, default=Value(len(ORDER)), output_field=IntegerField())
    return pages.order_by(rank, F("updated_at").desc(nulls_last=True), "title", "pk")


def count_waiting(user) -> int:
    """Return the number of posts that await review by the user, on all of their pages."""
    # By page: databases would look through all posts for those of several channels.
    waiting = count_posts(get_posts_of_page().submitted())
    pages = get_live_pages(user, ["publish"]).annotate(waiting=waiting)
    return pages.aggregate(total=Sum("waiting"))["total"] or 0


def get_desk_url(page) -> str:
    return reverse("wagtail_live:index", args=[page.pk])


def get_state(page) -> str:
    return ChannelState(page.state).label


class WaitingColumn(Column):
    """The number of posts that await review, as a link to them."""

    cell_template_name = "wagtail_live/listing/waiting_cell.html"

    class Media:
        css = {"all": ["wagtail_live/admin.css"]}

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "url": get_waiting_url(instance)}


def get_waiting_url(page) -> str:
    return f"{get_desk_url(page)}?status={PostStatus.SUBMITTED}"


class LivePageFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("State"),
        choices=ChannelState.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    waiting = django_filters.ChoiceFilter(
        label=gettext_lazy("Posts"),
        choices=[("yes", gettext_lazy("Awaiting review"))],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
        method="filter_waiting",
    )

    class Meta:
        model = get_page_model()
        fields = ()

    def filter_waiting(self, pages, name, value):
        return pages.filter(waiting__gt=0)


class LiveView(BaseListingView):
    page_title = gettext_lazy("Live")
    header_icon = "comment"
    verbose_name_plural = gettext_lazy("live pages")
    index_url_name = "wagtail_live:live"
    index_results_url_name = "wagtail_live:live_results"
    results_template_name = "wagtail_live/listing/results.html"
    filterset_class = LivePageFilters
    table_classname = "listing live-pages"
    paginate_by = 30
    is_searchable = True

    @cached_property
    def columns(self):
        return [
            TitleColumn(
                "title",
                label=_("Page"),
                accessor="get_admin_display_title",
                get_url=get_desk_url,
            ),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=get_state,
                primary=lambda page: page.state == ChannelState.LIVE,
            ),
            WaitingColumn("waiting", label=_("Awaiting review")),
            Column("post_count", label=_("Posts"), classname="live-pages__wide"),
            DateColumn("last_post_at", label=_("Last post")),
        ]

    def get_base_queryset(self):
        pages = annotate_activity(get_live_pages(self.request.user))
        return pages.annotate(post_count=count_posts(get_posts_of_page().visible()))

    def order_queryset(self, queryset):
        return order_by_activity(queryset)

    def search_queryset(self, queryset):
        """Search for words in titles, by the database: search backends can neither filter
        nor order by the annotations."""
        for word in self.search_query.split():
            is_found = Q(title__icontains=word) | Q(draft_title__icontains=word)
            queryset = queryset.filter(is_found)
        return queryset
