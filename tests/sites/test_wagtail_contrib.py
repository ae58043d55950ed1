"""Live pages with Wagtail's contrib apps."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.urls import path, reverse
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.models import Locale

from tests import urls as site_urls
from tests.servers import wait_until
from tests.testapp.models import MatchPage
from wagtail_live import background, posts
from wagtail_live.api.page_fields import LIVE_PAGE_FIELDS
from wagtail_live.permissions import SYSTEM

router = WagtailAPIRouter("pages-api")
router.register_endpoint("pages", PagesAPIViewSet)
urlpatterns = [path("pages-api/", router.urls), *site_urls.urlpatterns]

BACKEND = "wagtail.contrib.frontend_cache.backends.HTTPBackend"


class FakeCache(ThreadingHTTPServer):
    """Records the URLs to purge, and the number of posts at that time."""

    daemon_threads = True

    def __init__(self, count):
        super().__init__(("127.0.0.1", 0), Purge)
        self.count = count
        self.purged = []


class Purge(BaseHTTPRequestHandler):
    def do_PURGE(self):
        self.server.purged.append((self.path, self.server.count()))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def front(transactional_db, settings, match_page):
    with FakeCache(lambda: match_page.live_posts.count()) as cache:
        settings.WAGTAILFRONTENDCACHE = {
            "cache": {
                "BACKEND": BACKEND,
                "LOCATION": f"http://127.0.0.1:{cache.server_port}",
            }
        }
        threading.Thread(target=cache.serve_forever, args=[0.02], daemon=True).start()
        yield cache
        cache.shutdown()


def test_the_front_end_cache_is_purged_after_the_last_update(
    front, match_page, monkeypatch
):
    # On a busy machine, thirty updates take longer than some intervals of a second.
    monkeypatch.setattr("wagtail_live.frontend_cache.INTERVAL", 4)
    for number in range(30):
        match_page.add_live_post(f"News {number}")
    assert wait_until(lambda: ("/match/", 30) in front.purged)
    assert len(front.purged) < 15
    assert {path for path, _ in front.purged} == {"/match/"}


def test_an_alias_is_purged_with_its_source(front, home_page, match_page):
    match_page.create_alias(parent=home_page, update_slug="alias")
    match_page.add_live_post("Goal!")
    assert wait_until(
        lambda: {path for path, _ in front.purged} == {"/match/", "/alias/"}
    )


def test_a_writer_does_not_notice_an_unavailable_cache(
    transactional_db, settings, match_page, caplog
):
    settings.WAGTAILFRONTENDCACHE = {
        "cache": {"BACKEND": BACKEND, "LOCATION": "http://127.0.0.1:1"}
    }
    match_page.add_live_post("Goal!")
    assert match_page.live_posts.count() == 1
    assert wait_until(lambda: "Couldn't purge" in caplog.text)


def test_drafts_purge_nothing(front, match_page):
    draft = match_page.add_live_post("A rumour", show=False)
    match_page.update_live_post(draft, content="Another rumour")
    assert background.threads.wait(10)
    assert front.purged == []
    match_page.update_live_post(draft, show=True)
    assert wait_until(lambda: ("/match/", 1) in front.purged)


def test_a_purge_that_failed_stops_no_later_one(front, match_page, monkeypatch):
    class Away:
        def add(self, *arguments, **options):
            raise ConnectionError("The cache is away.")

    match_page.add_live_post("Goal!")
    with monkeypatch.context() as outage:
        outage.setattr("wagtail_live.frontend_cache.cache", Away())
        match_page.add_live_post("Another goal!")
        assert background.threads.wait(10)
    match_page.add_live_post("A third!")
    assert wait_until(lambda: ("/match/", 3) in front.purged)


@pytest.mark.django_db
def test_wagtails_api_has_the_live_blog(client, match_page, monkeypatch, settings):
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(MatchPage, "api_fields", LIVE_PAGE_FIELDS, raising=False)
    match_page.add_live_post("Goal!")
    match_page.add_live_post("A rumour", show=False)
    page = client.get(f"/pages-api/pages/{match_page.pk}/?fields=*").json()
    assert page["channel_id"] == match_page.channel_id
    assert page["live_state"] == "live"
    assert [post["html"] for post in page["live_posts"]] == ["<p>Goal!</p>"]


@pytest.mark.django_db
def test_a_translation_has_a_blog_of_its_own(client, admin_user, match_page, settings):
    """With simple_translation."""
    settings.WAGTAIL_I18N_ENABLED = True
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [
        ("en", "English"),
        ("fr", "French"),
    ]
    match_page.add_live_post("Goal!")
    french = Locale.objects.create(language_code="fr")
    match_page.get_parent().copy_for_translation(french, copy_parents=True)
    client.force_login(admin_user)
    address = reverse(
        "simple_translation:submit_page_translation", args=[match_page.pk]
    )
    client.post(address, {"locales": [french.pk]})
    translated = match_page.get_translation(french)
    assert translated.channel_id != match_page.channel_id
    assert not translated.live_posts.exists()
    posts.publish(translated.live_channel, "But !", actor=SYSTEM)
    assert [post.text for post in match_page.live_posts] == ["Goal!"]
    assert translated.live_channel.language == "fr"
