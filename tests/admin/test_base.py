"""The header that all admin views of a live page share."""

import pytest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.widgets import HeaderButton

from tests.admin.desk.requests import url, url_of_post

pytestmark = pytest.mark.django_db


def get_breadcrumbs(client, path):
    items = client.get(path).context["breadcrumbs_items"]
    return [(str(item["url"]), str(item["label"])) for item in items[1:]]


@pytest.fixture
def trail(match_page):
    live = (reverse("wagtail_live:live"), "Live")
    return [live, (url("index", match_page), match_page.title)]


def test_breadcrumbs_lead_to_the_desk(admin_client, match_page, trail):
    assert get_breadcrumbs(admin_client, url("index", match_page)) == trail


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("wagtail_live:add_source", "Connect"),
        ("wagtail_live_connections:tokens_add", "New"),
        ("wagtail_live_connections:webhooks_add", "New"),
    ],
)
def test_breadcrumbs_of_connections(admin_client, match_page, trail, name, title):
    path = url("connections", match_page)
    *start, here = get_breadcrumbs(admin_client, path)
    assert (start, here) == (trail, ("", "Connections"))
    form = reverse(name, args=[match_page.pk])
    *start, here = get_breadcrumbs(admin_client, form)
    assert [path for path, _ in start] == [*(path for path, _ in trail), path]
    assert here[1].startswith(title)


def test_breadcrumbs_of_a_post(admin_client, match_page, trail):
    post = match_page.add_live_post("<p>Goal!</p>")
    history = url_of_post("history", post)
    assert get_breadcrumbs(admin_client, history) == [*trail, ("", "History")]
    version = url_of_post("revert", post, post.latest_revision_id)
    expected = [*trail, (history, "History"), ("", "Version")]
    assert get_breadcrumbs(admin_client, version) == expected


def test_a_site_adds_a_button_to_the_desk(admin_client, match_page):
    def add_button(page, rights):
        return [HeaderButton("Scores", f"/scores/{page.pk}/")]

    with hooks.register_temporarily("register_live_desk_buttons", add_button):
        desk = admin_client.get(url("index", match_page)).content.decode()
    assert f"/scores/{match_page.pk}/" in desk
