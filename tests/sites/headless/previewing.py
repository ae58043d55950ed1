"""Tests that tests/sites/test_headless.py runs in a process with other settings."""

import re
from html import unescape

import pytest
from django.test import override_settings
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data
from wagtail_headless_preview.models import PagePreview

from tests.admin.desk.requests import form_data, url
from tests.sites.headless.models import EventPage
from wagtail_live.models import Channel

pytestmark = pytest.mark.django_db

FRONT_END = "https://app.example.com/"
PREVIEWS = "/api/v2/previews/"


@pytest.fixture
def editor(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("editor"))


@pytest.fixture
def page(home_page):
    page = home_page.add_child(instance=EventPage(title="Launch", slug="launch"))
    page.add_live_post("<p>Lift-off</p>")
    page.add_live_post("<p>A rumour</p>", show=False)
    return page


def get_preview_url(client, name, *args, title="Launch on Friday"):
    """Preview the editor's form, as Wagtail's page editor does."""
    data = {"title": title, "slug": "launch", "comments": inline_formset([])}
    address = reverse(f"wagtailadmin_pages:{name}", args=args)
    answer = client.post(address, nested_form_data(data))
    assert answer.json()["is_valid"]
    html = client.get(address).content.decode()
    return unescape(re.search(r'<iframe src="([^"]+)"', html)[1])


def ask_api(client, preview_url):
    """Ask as the front end does, which has no session."""
    client.logout()
    front_end, query = preview_url.split("?")
    assert front_end == FRONT_END
    answer = client.get(f"{PREVIEWS}?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def texts(answer):
    return [post["html"] for post in answer["live_posts"]]


def test_a_preview_has_the_editors_form_and_the_posts_that_readers_see(
    client, editor, page
):
    answer = ask_api(client, get_preview_url(client, "preview_on_edit", page.pk))
    assert answer["title"] == "Launch on Friday"
    assert answer["channel_id"] == page.channel_id
    assert answer["live_state"] == "live"
    assert answer["last_update_timestamp"] == page.last_update_timestamp
    assert texts(answer) == ["<p>Lift-off</p>"]
    page.refresh_from_db()
    assert page.title == "Launch"


def test_a_page_that_is_not_published_has_its_posts_in_the_preview_only(
    client, editor, page
):
    page.unpublish()
    answer = ask_api(client, get_preview_url(client, "preview_on_edit", page.pk))
    assert texts(answer) == ["<p>Lift-off</p>"]
    assert client.get(f"/api/v2/pages/{page.pk}/").status_code == 404
    api = f"/wagtail_live/api/v1/channels/{page.channel_id}"
    assert client.get(f"{api}/posts/").status_code == 404


def test_a_post_that_was_hidden_meanwhile_is_gone(client, editor, page):
    preview_url = get_preview_url(client, "preview_on_edit", page.pk)
    page.update_live_post(page.live_posts.get(), show=False)
    assert texts(ask_api(client, preview_url)) == []


def test_a_page_that_was_never_saved_gets_no_channel(client, editor, home_page):
    args = "headless", "eventpage", home_page.pk
    answer = ask_api(client, get_preview_url(client, "preview_on_add", *args))
    assert answer["title"] == "Launch on Friday"
    assert answer["channel_id"] is None
    assert texts(answer) == []
    assert not Channel.objects.exists()


@pytest.mark.parametrize("change", [("token=", "token=x"), ("eventpage", "page")])
def test_without_its_token_a_preview_is_not_found(client, editor, page, change):
    preview_url = get_preview_url(client, "preview_on_edit", page.pk)
    query = preview_url.removeprefix(f"{FRONT_END}?")
    assert client.get(f"{PREVIEWS}?{query}").status_code == 200
    assert client.get(f"{PREVIEWS}?{query.replace(*change)}").status_code == 404
    assert client.get(PREVIEWS).status_code == 404


def test_a_preview_may_redirect(client, editor, page):
    options = {"CLIENT_URLS": {"default": FRONT_END}, "REDIRECT_ON_PREVIEW": True}
    with override_settings(WAGTAIL_HEADLESS_PREVIEW=options):
        address = reverse("wagtailadmin_pages:view_draft", args=[page.pk])
        preview_url = client.get(address)["Location"]
    assert texts(ask_api(client, preview_url)) == ["<p>Lift-off</p>"]


def test_the_desk_shows_a_post_alone_before_it_is_published(client, editor, page):
    data = form_data("<p>Soon</p>")
    answer = client.post(url("preview_new", page), data).json()
    assert answer["problem"].startswith("Another site shows this page")
    assert "Soon" in answer["preview"]
    assert "Lift-off" not in answer["preview"]
    assert not PagePreview.objects.exists()


def test_readers_and_links_to_posts_are_sent_to_the_front_end(client, page):
    post = page.live_posts.get()
    assert client.get(page.url)["Location"] == f"{FRONT_END}launch/"
    answer = client.get(f"{page.url}?post={post.pk}")
    assert answer["Location"] == f"{FRONT_END}launch/?post={post.pk}"
