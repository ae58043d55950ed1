"""Reading a page that has no channel yet creates none; the first write does."""

import pytest
from django.template import Context, Template
from django.urls import path, reverse
from django.utils import timezone
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet

from tests import urls as site_urls
from tests.admin.desk.requests import form_data, url
from tests.admin.test_sources import FORM
from tests.receivers.test_webhook import SECRET
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.api.page_fields import LIVE_PAGE_FIELDS
from wagtail_live.models import Channel, ChannelState, DeskPresence, LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db

router = WagtailAPIRouter("pages-api")
router.register_endpoint("pages", PagesAPIViewSet)
urlpatterns = [path("pages-api/", router.urls), *site_urls.urlpatterns]


@pytest.fixture
def page(match_page):
    """A page without a channel, such as one whose type became live after it was saved."""
    Channel.objects.all().delete()
    return MatchPage.objects.get(pk=match_page.pk)


def render(tag, page, rf):
    template = Template("{% load wagtail_live_tags %}{% " + tag + " page %}")
    return template.render(Context({"page": page, "request": rf.get("/")}))


def test_saving_a_page_creates_its_channel(match_page):
    assert Channel.objects.filter(page_id=match_page.pk).exists()
    Channel.objects.all().delete()
    match_page.save()
    assert Channel.objects.filter(page_id=match_page.pk).exists()


@pytest.mark.every_database
def test_properties_of_a_page(page, rf, django_assert_num_queries):
    now = timezone.now()
    with django_assert_num_queries(5):
        assert list(page.live_posts) == []
        assert page.get_live_posts_text() == ""
        assert page.last_updated_at is None
        assert page.last_update_timestamp is None
        assert page.get_updates_since(now) == ({}, [])
    with pytest.raises(LivePost.DoesNotExist):
        page.get_live_post_by_message_id("1")
    [entry] = page.get_sitemap_urls(rf.get("/"))
    assert entry["lastmod"] == page.last_published_at
    assert page.find_channel() is None
    assert not Channel.objects.exists()


def test_an_alias(page):
    alias = page.create_alias(update_slug="alias")
    assert list(alias.live_posts) == []
    assert not Channel.objects.exists()
    assert alias.live_channel == page.live_channel


def test_the_head_of_the_page(page, rf):
    assert "og:title" in render("live_head", page, rf)
    assert not Channel.objects.exists()


def test_wagtails_api(page, client, monkeypatch, settings):
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(MatchPage, "api_fields", LIVE_PAGE_FIELDS, raising=False)
    shown = client.get(f"/pages-api/pages/{page.pk}/?fields=*").json()
    assert not Channel.objects.exists()
    assert shown["channel_id"] is shown["last_update_timestamp"] is None
    assert (shown["live_state"], shown["live_posts"]) == ("not_started", [])


@pytest.mark.parametrize(
    "name",
    [
        "wagtailadmin_pages:edit",
        "wagtail_live:index",
        "wagtail_live:posts",
        "wagtail_live:new_form",
        "wagtail_live:summary",
        "wagtail_live:connections",
        "wagtail_live:add_source",
        "wagtail_live_connections:tokens_add",
        "wagtail_live_connections:webhooks_add",
    ],
)
def test_the_admin(page, admin_client, name):
    query = {"q": "goal", "status": "draft"}
    path = reverse(name, args=[page.pk])
    assert admin_client.get(path, query).status_code == 200
    assert not Channel.objects.exists()


def test_the_list_of_live_pages(page, admin_client):
    shown = admin_client.get(reverse("wagtail_live:live")).content.decode()
    assert page.title in shown
    assert not Channel.objects.exists()


@pytest.mark.parametrize("name", ["form", "history"])
def test_a_post_that_does_not_exist(page, admin_client, name):
    post = LivePost()
    args = [post.pk] if name == "history" else [page.pk, post.pk]
    answer = admin_client.get(reverse(f"wagtail_live:{name}", args=args))
    assert answer.status_code in (404, 410)
    assert not Channel.objects.exists()


def test_an_open_desk(page, admin_client):
    desk = admin_client.get(url("index", page))
    query = {"since": desk.context["cursor"]}
    changes = admin_client.get(url("changes", page), query).json()
    assert (changes["cursor"], changes["people"]) == (0, [])
    assert "reload" not in changes
    preview = admin_client.post(url("preview_new", page), form_data("<p>Goal!</p>"))
    assert "Goal!" in preview.json()["preview"]
    admin_client.post(url("leave", page))
    assert not Channel.objects.exists()

    admin_client.post(url("add", page), form_data("<p>Goal!</p>", message_id="1"))
    changes = admin_client.get(url("changes", page), query).json()
    assert [post["id"] for post in changes["posts"]] == [str(page.live_posts.get().pk)]
    assert DeskPresence.objects.get().channel == page.find_channel()


@pytest.mark.every_database
def test_the_first_write_creates_the_channel(page):
    post = page.add_live_post("Goal")
    assert page.live_posts.get() == post
    assert page.last_updated_at == Channel.objects.get().last_updated_at


@pytest.mark.every_database
def test_the_writer_creates_a_channel_that_is_not_saved(page):
    channel = posts.set_state(Channel(page_id=page.pk), "live", actor=SYSTEM)
    assert Channel.objects.get() == channel == page.find_channel()
    assert channel.state == ChannelState.LIVE


def test_a_source_creates_the_channel(page, admin_client, settings):
    backend = "wagtail_live.receivers.webhook.WebhookReceiver"
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "newsroom": {"BACKEND": backend, "OPTIONS": {"secret": SECRET}}
    }
    assert admin_client.post(url("add_source", page), FORM).status_code == 302
    assert page.find_channel().sources.get().external_id == FORM["external_id"]


def test_a_webhook_creates_the_channel(page, admin_client):
    path = reverse("wagtail_live_connections:webhooks_add", args=[page.pk])
    admin_client.post(path, {"name": "Hook", "url": "https://example.com/hook"})
    assert page.find_channel().webhook_endpoints.get().name == "Hook"


def test_asking_for_it_creates_the_channel(page):
    channel_id = page.channel_id
    assert Channel.objects.get() == page.live_channel
    assert page.live_channel.channel_id == channel_id


def test_the_posts_of_the_page_create_the_channel(page, rf):
    render("live_posts", page, rf)
    assert Channel.objects.get() == page.find_channel()
