"""The panel of live pages on the home page of the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Case, Q, Subquery, When
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name
from wagtail.admin.ui.components import Component

from .. import cursors
from ..models import ChannelState, DeskPresence
from .listing import (
    annotate_activity,
    get_desk_url,
    get_live_pages,
    get_posts_of_page,
    get_state,
    get_waiting_url,
    order_by_activity,
)

MAX_SHOWN = 10
# A page that has not started is about to start if somebody prepared it less than this
# time ago, or if something is scheduled before this time is over.
SOON = timedelta(days=7)


class LivePagesPanel(Component):
    """The pages of a user that are live, paused or about to start."""

    name = "wagtail_live"
    order = 200  # above Wagtail's panels, because readers are waiting
    template_name = "wagtail_live/home_panel.html"

    class Media:
        css = {"all": ["wagtail_live/admin.css"]}

    def get_context_data(self, parent_context=None):
        pages = list(find_current_pages(parent_context["request"].user))
        shown = pages[:MAX_SHOWN]
        people = find_people(shown)
        for page in shown:
            page.desk_url = get_desk_url(page)
            page.waiting_url = get_waiting_url(page)
            page.state_label = get_state(page)
            page.people = get_text_list(people.get(page.pk, []), _("and"))
        return {"pages": shown, "has_more": len(pages) > MAX_SHOWN}


def find_current_pages(user):
    """Return the pages for the panel, at most one more than are shown."""
    scheduled = get_posts_of_page().scheduled().order_by("go_live_at")
    # Not looked for among the many posts of a page that has started.
    has_not_started = Q(state=ChannelState.NOT_STARTED)
    next_post_at = Case(
        When(has_not_started, then=Subquery(scheduled.values("go_live_at")[:1]))
    )
    pages = annotate_activity(get_live_pages(user))
    pages = pages.annotate(next_post_at=next_post_at)
    current = Q(state__in=[ChannelState.LIVE, ChannelState.PAUSED])
    upcoming = has_not_started & is_about_to_start()
    return order_by_activity(pages.filter(current | upcoming))[: MAX_SHOWN + 1]


def is_about_to_start() -> Q:
    """Return a filter for annotated pages that have not started."""
    moment = cursors.now()
    now = cursors.in_current_mode(moment)  # of the page's own fields
    is_scheduled = Q(go_live_at__gt=now, go_live_at__lt=now + SOON)
    is_edited = Q(latest_revision_created_at__gt=now - SOON)
    has_scheduled_post = Q(next_post_at__lt=moment + SOON)
    is_written = Q(updated_at__gt=moment - SOON)
    return is_scheduled | is_edited | has_scheduled_post | is_written


def find_people(pages) -> dict[int, list[str]]:
    """Return the names of the users at the desks of the pages, by page."""
    keys = [page.pk for page in pages]
    present = DeskPresence.objects.current().filter(channel__page__in=keys)
    people: dict[int, dict[Any, str]] = {}
    for each in present.select_related("channel", "user").order_by("pk"):
        names = people.setdefault(each.channel.page_id, {})
        names[each.user_id] = user_display_name(each.user)  # once for all tabs
    return {page_id: list(names.values()) for page_id, names in people.items()}
