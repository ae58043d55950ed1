"""The panel of live pages on the admin's home page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.desk.requests import url, user_who_may
from tests.admin.test_listing import add_match, submit
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.desks.people import update_presence
from wagtail_live.models import Channel, ChannelState, DeskPresence
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=30)


def show_panel(client):
    """Return the HTML of the panel, and nothing if there is none."""
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    return home.partition('id="live-pages-section"')[2].partition("</section>")[0]


def forget(page):
    """Let the page be one that nobody has touched for a month."""
    Channel.objects.filter(page=page).update(last_updated_at=LONG_AGO)
    MatchPage.objects.filter(pk=page.pk).update(latest_revision_created_at=LONG_AGO)


def test_pages_that_are_live_are_shown(admin_client, home_page, django_user_model):
    final = add_match(home_page, "Final", ChannelState.LIVE, waiting=2)
    final.add_live_post("<p>Goal!</p>")
    ben = django_user_model.objects.create_user("ben", first_name="Ben")
    for tab in ("first", "second"):
        update_presence(final.live_channel, ben, None, tab)
    panel = show_panel(admin_client)
    assert f'href="{url("index", final)}"' in panel
    assert f'href="{url("index", final)}?status=submitted"' in panel
    for text in ("Final", "Live", "2 posts awaiting review", "Last post:", "Ben"):
        assert text in panel, text
    assert panel.count("Ben") == 1
    assert "Goal!" not in panel
    DeskPresence.objects.update(seen_at=LONG_AGO)
    assert "Ben" not in show_panel(admin_client)


def test_pages_that_are_over_or_forgotten_are_not_shown(admin_client, home_page):
    assert show_panel(admin_client) == ""
    add_match(home_page, "Ended", ChannelState.ENDED)
    forget(add_match(home_page, "Forgotten"))
    assert show_panel(admin_client) == ""


def test_pages_that_are_about_to_start_are_shown(admin_client, home_page):
    add_match(home_page, "Paused", ChannelState.PAUSED)
    add_match(home_page, "Prepared")
    planned = add_match(home_page, "Planned")
    tomorrow = timezone.now() + timedelta(days=1)
    posts.publish(
        planned.live_channel, "<p>Kick-off!</p>", go_live_at=tomorrow, actor=SYSTEM
    )
    goes_live = add_match(home_page, "Goes live")
    for page in (planned, goes_live):
        forget(page)
    MatchPage.objects.filter(pk=goes_live.pk).update(go_live_at=tomorrow)
    panel = show_panel(admin_client)
    for title in ("Paused", "Prepared", "Planned", "Goes live"):
        assert f">{title}</a>" in panel, title
    assert "First post scheduled for" in panel
    assert "Kick-off!" not in panel


def test_users_see_only_the_pages_that_they_may_write(client, home_page):
    mine = add_match(home_page, "Mine", ChannelState.LIVE)
    add_match(home_page, "Theirs", ChannelState.LIVE)
    client.force_login(user_who_may(mine, "change_page"))
    panel = show_panel(client)
    assert ">Mine</a>" in panel
    assert "Theirs" not in panel


def test_ten_pages_need_as_many_queries_as_one(admin_client, home_page, admin_user):
    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            assert show_panel(admin_client)
        return len(queries)

    def add(number):
        page = add_match(home_page, f"Match {number}", ChannelState.LIVE)
        page.add_live_post("<p>Goal!</p>")
        submit(page)
        update_presence(page.live_channel, admin_user, None)

    add(0)
    count_queries()  # fills caches
    one = count_queries()
    for number in range(1, 12):
        add(number)
    assert count_queries() == one
    panel = show_panel(admin_client)
    assert panel.count("<tr>") == 11
    assert f'href="{reverse("wagtail_live:live")}"' in panel
