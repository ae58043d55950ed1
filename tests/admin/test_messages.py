"""Wagtail's messages about a live page lead to its desk."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data

from tests.admin.desk.requests import url, user_who_may
from tests.testapp.models import ArticlePage, MatchPage

pytestmark = pytest.mark.django_db
OFFER = "Open live desk"


def form(**fields):
    comments = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0"}
    data = {"title": "Final", "slug": "final", "comments": comments, **fields}
    return nested_form_data(data)


def add_url(page_class, parent):
    args = ["testapp", page_class._meta.model_name, parent.pk]
    return reverse("wagtailadmin_pages:add", args=args)


def shown_messages(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("action", ["action-publish", ""])
def test_the_message_about_a_new_page_offers_its_desk(admin_client, home_page, action):
    data = form(**{action: "1"}) if action else form()
    add = add_url(MatchPage, home_page)
    response = admin_client.post(add, data, follow=True)
    page = MatchPage.objects.get()
    assert page.live == bool(action)
    [message] = shown_messages(response)
    assert OFFER in message
    assert f'href="{url("index", page)}"' in message
    assert "Final" in message
    assert ("View live" in message) == bool(action)


def test_publishing_a_draft_offers_its_desk(admin_client, match_page):
    match_page.unpublish()
    edit = reverse("wagtailadmin_pages:edit", args=[match_page.pk])
    [message] = shown_messages(admin_client.post(edit, form(), follow=True))
    assert OFFER not in message
    data = form(**{"action-publish": "1"})
    [message] = shown_messages(admin_client.post(edit, data, follow=True))
    assert f'href="{url("index", match_page)}"' in message


def test_a_page_that_saves_itself_says_nothing(admin_client, home_page):
    add = add_url(MatchPage, home_page)
    admin_client.post(add, form(), headers={"Accept": "application/json"})
    home = admin_client.get(reverse("wagtailadmin_home"))
    assert not any(OFFER in message for message in shown_messages(home))


def test_a_title_with_markup_is_escaped(admin_client, home_page):
    data = form(title="<b>Final</b>", **{"action-publish": "1"})
    add = add_url(MatchPage, home_page)
    [message] = shown_messages(admin_client.post(add, data, follow=True))
    assert "&lt;b&gt;Final" in message


def test_other_pages_have_no_desk(admin_client, home_page):
    data = form(body="", **{"action-publish": "1"})
    add = add_url(ArticlePage, home_page)
    [message] = shown_messages(admin_client.post(add, data, follow=True))
    assert OFFER not in message


def test_authors_are_offered_the_desk_of_their_own_page(client, home_page):
    client.force_login(user_who_may(home_page, "add_page", name="author"))
    add = add_url(MatchPage, home_page)
    [message] = shown_messages(client.post(add, form(), follow=True))
    assert OFFER in message
