"""Embeds and link cards are found after the post is written, from providers as they answer."""

import io
import json
import re
import threading
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import InMemoryStorage
from PIL import Image
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.finders import get_finders
from wagtail.embeds.models import Embed
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.admin.desk.requests import form_data, url
from wagtail_live import embeds, mastodon, posts
from wagtail_live.api.content import from_json, to_json
from wagtail_live.models import LivePost, PendingEmbeds
from wagtail_live.page.rendering import render_post
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import embeds as post_embeds

BLUESKY = {
    "type": "rich",
    "version": "1.0",
    "author_name": "Bluesky (@bsky.app)",
    "author_url": "https://bsky.app/profile/bsky.app",
    "provider_url": "https://bsky.app",
    "provider_name": "Bluesky Social",
    "cache_age": 86400,
    "width": 600,
    "height": None,
    "html": '<blockquote class="bluesky-embed">Hello</blockquote>'
    '<script async src="https://embed.bsky.app/static/embed.js"></script>',
}
STATUS = "/@ann/115000000000000000"
# What a server of Mastodon answers, if it belongs to an attacker.
MASTODON = {
    "type": "rich",
    "version": "1.0",
    "title": "<script>alert(1)</script>",
    "author_name": "Ann",
    "provider_name": "YouTube",
    "html": "<script>alert(2)</script>",
    "width": 400,
    "height": None,
}
TIKTOK = {
    "version": "1.0",
    "type": "video",
    "title": "Scramble up ur name",
    "author_name": "Scout",
    "width": "100%",
    "height": "100%",
    "html": '<blockquote class="tiktok-embed"></blockquote>',
    "thumbnail_width": 720,
    "provider_url": "https://www.tiktok.com",
    "provider_name": "TikTok",
}
DATAWRAPPER = {
    "type": "rich",
    "version": 1.0,
    "provider_name": "Datawrapper",
    "provider_url": "https://www.datawrapper.de",
    "title": "Votes",
    "html": '<iframe title="Votes" src="https://datawrapper.dwcdn.net/abcde/1/">'
    "</iframe>",
    "width": 600,
    "height": 400,
}
ANSWERS = {
    "bluesky": BLUESKY,
    "tiktok": TIKTOK,
    "datawrapper": DATAWRAPPER,
}
ARTICLE = """<!doctype html><html><head><meta charset="utf-8">
<title>Ignored</title><meta property="og:title" content="Reds win &amp; go up">
<meta property="og:site_name" content="Example News">
<meta property="og:image" content="/photo.png"></head><body></body></html>"""


class Elsewhere(ThreadingHTTPServer):
    """The providers and pages of other sites."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.statuses = {}  # of paths
        self.paths = []
        self.moved = {"/moved": "/article"}
        self.url = f"http://127.0.0.1:{self.server_port}"

    def answer(self, path, query):
        """Return a status, a content type and a body."""
        status = self.statuses.get(path, self.status)
        if status != 200:
            return status, "text/plain", b""
        if path.startswith("/oembed/"):
            return 200, "application/json", json.dumps(ANSWERS[path[8:]]).encode()
        if path == "/api/oembed":
            return 200, "application/json", json.dumps(MASTODON).encode()
        if path == "/photo.png":
            file = io.BytesIO()
            Image.new("RGB", (2000, 1000), "red").save(file, "PNG")
            return 200, "image/png", file.getvalue()
        if path == "/article":
            return 200, "text/html", ARTICLE.encode()
        if path == "/plain":
            return 200, "text/html", b"<title>Plain page</title>"
        return 404, "text/html", b"<title>Not found</title>"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        self.server.paths.append(parts.path)
        if target := self.server.moved.get(parts.path):
            self.send_response(301)
            self.send_header("Location", target)
            self.end_headers()
            return
        status, kind, body = self.server.answer(parts.path, parse_qs(parts.query))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def elsewhere(monkeypatch):
    with Elsewhere() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        known = [
            (rf"{server.url}/{name}/", f"{server.url}/oembed/{name}")
            for name in ANSWERS
        ]
        monkeypatch.setattr(embeds, "PROVIDERS", [*known, *embeds.PROVIDERS])
        monkeypatch.setattr(embeds, "IS_TRUSTED", True)
        pattern = mastodon.URL.pattern.replace("https", "http")
        monkeypatch.setattr(mastodon, "URL", re.compile(pattern))
        yield server
        server.shutdown()


@pytest.fixture
def find(match_page):
    """Do the work of the background for the posts of the page."""

    def run(post):
        PendingEmbeds.objects.update(due_at=post.created)
        post_embeds.find_embeds.call(str(post.pk))
        return LivePost.objects.get(pk=post.pk)

    return run


@pytest.mark.parametrize("name", ANSWERS)
def test_a_provider(match_page, elsewhere, find, name):
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/{name}/1")])
    assert elsewhere.paths == []  # the writer doesn't wait for them
    assert "<template>" not in render_post(post)
    cursor = match_page.last_updated_at
    post = find(post)
    html = render_post(post)
    assert ANSWERS[name]["html"] in html.replace(' dir="auto"', "")
    assert "Show content from" in html
    assert ANSWERS[name]["provider_name"] in html
    assert match_page.find_channel().last_updated_at > cursor
    assert post.modified is None
    assert not PendingEmbeds.objects.exists()


def test_an_embed_is_a_link_in_feeds_and_the_api(
    match_page, elsewhere, find, client, api
):
    link = f"{elsewhere.url}/bluesky/1"
    post = find(match_page.add_live_post([("embed", link)]))
    shown = [api.get(f"posts/{post.pk}/").json()["html"]]
    for name in ("atom", "json"):
        feed = client.get(f"/wagtail_live/feed/{match_page.channel_id}/{name}/")
        shown.append(unescape(feed.content.decode()).replace('\\"', '"'))
    for html in shown:
        assert f'<a href="{link}" rel="noopener">{link}</a> (Bluesky Social)' in html
        assert not re.search("<button|<svg|<template|Show content", html)


def assert_frame(html, link):
    assert f'<iframe class="live-post__status" src="{link}/embed"' in html
    assert 'sandbox="allow-scripts allow-same-origin allow-popups"' in html
    assert "alert(" not in html
    assert "YouTube" not in html


def test_a_server_that_anybody_may_run_gives_no_html(match_page, elsewhere, find):
    link = elsewhere.url + STATUS
    post = find(match_page.add_live_post([("embed", f"{link}?lang=de")]))
    html = render_post(post)
    assert_frame(html, link)
    host = urlsplit(link).netloc
    assert f'title="@ann@{host}"' in html
    assert f"Show content from {host}" in html
    [block] = to_json(post.content, "")
    assert_frame(block["embed"]["html"], link)
    assert "alert(" not in Embed.objects.get().html


@pytest.mark.parametrize("user", ["@ann", "@a%20b", '@"><script>alert(3)'])
def test_stored_html_of_such_a_server_is_not_shown(match_page, user):
    link = f"https://attacker.example/{user}/115000000000000000"
    Embed.objects.create(
        url=link, hash=get_embed_hash(link), type="rich", html=MASTODON["html"]
    )
    html = render_post(match_page.add_live_post([("embed", link)]))
    assert 'src="https://attacker.example/@' in html
    assert "<script>" not in html


@pytest.fixture
def finder(elsewhere, settings):
    """A finder of the site, for the posts on a server and two pages."""
    urls = [f"{elsewhere.url}/{path}" for path in ("@", "article", "broken")]
    endpoint = f"{elsewhere.url}/oembed/bluesky"
    settings.WAGTAILEMBEDS_FINDERS = [
        {
            "class": "wagtail.embeds.finders.oembed",
            "providers": [{"endpoint": endpoint, "urls": urls}],
        }
    ]
    get_finders.cache_clear()
    yield
    get_finders.cache_clear()


def test_a_finder_of_the_site_may_embed_a_server(match_page, elsewhere, find, finder):
    post = match_page.add_live_post([("embed", elsewhere.url + STATUS)])
    assert 'class="bluesky-embed"' in render_post(find(post))


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_url_that_its_provider_refuses_is_a_card(
    match_page, elsewhere, find, finder, status
):
    elsewhere.statuses["/oembed/bluesky"] = status
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/article")])
    html = render_post(find(post))
    assert "Reds win &amp; go up" in html
    assert "/media/live_blog_cards/" in html


def test_a_provider_that_fails_is_asked_again(match_page, elsewhere, find, finder):
    elsewhere.statuses["/oembed/bluesky"] = 503
    post = find(match_page.add_live_post([("embed", f"{elsewhere.url}/article")]))
    assert "/article" not in elsewhere.paths
    assert PendingEmbeds.objects.exists()
    elsewhere.statuses.clear()
    assert 'class="bluesky-embed"' in render_post(find(post))


def test_an_answer_without_html_is_a_card(
    match_page, elsewhere, find, finder, monkeypatch
):
    link = {"type": "link", "title": "Reds", "thumbnail_url": "https://a.example/1"}
    monkeypatch.setitem(ANSWERS, "bluesky", link)
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/article")])
    assert "Reds win &amp; go up" in render_post(find(post))


class FullStorage(InMemoryStorage):
    """A storage that fails as those of clouds do."""

    def save(self, *args, **kwargs):
        raise RuntimeError("The bucket is gone.")


def test_cards_without_a_storage_have_no_image(match_page, elsewhere, find, settings):
    full = {"BACKEND": f"{__name__}.FullStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": full}
    urls = [f"{elsewhere.url}/{path}" for path in ("article", "moved")]
    html = render_post(find(match_page.add_live_post([("embed", url) for url in urls])))
    assert html.count("Reds win &amp; go up") == 2
    assert "live_blog_cards" not in html
    assert not PendingEmbeds.objects.exists()


def test_an_embed_that_breaks_does_not_hold_up_others(
    match_page, elsewhere, find, monkeypatch
):
    monkeypatch.setattr(mastodon, "parse", break_for(f"{elsewhere.url}/broken"))
    content = [("embed", f"{elsewhere.url}/{path}") for path in ("broken", "article")]
    html = render_post(find(match_page.add_live_post(content)))
    assert "Reds win &amp; go up" in html
    assert PendingEmbeds.objects.get().attempts == 1


def break_for(wrong):
    def parse(url):
        if url == wrong:
            raise ZeroDivisionError

    return parse


def fields(content):
    values = [
        (name, rich_text(value) if name == "text" else value) for name, value in content
    ]
    return streamfield(values)


WRONG = "JavaScript:alert(1)"


@pytest.mark.parametrize(
    "content",
    [
        [("embed", WRONG)],
        [("embed", " \tjavascript:alert(1)")],
        [("embed", "data:text/html,x")],
        [("embed", "java\nscript://https://a.example")],
        [("sponsored", {"sponsor": "Bank", "link": WRONG})],
        [("text", "<p>Goal</p>"), ("embed", "ftp://a.example/1")],
    ],
)
def test_urls_that_are_not_of_the_web(match_page, content, api, client, reporter):
    with pytest.raises(ValidationError, match="begin with https:// or http://"):
        match_page.add_live_post(content)
    post = match_page.add_live_post("<p>Goal</p>")
    with pytest.raises(ValidationError):
        match_page.update_live_post(post, content=content)
    form = {
        **form_data("<p>Reds</p>"),
        **nested_form_data({"content": fields(content)}),
    }
    client.force_login(reporter)
    assert client.post(url("add", match_page), form).status_code == 422
    sent = [{"type": name, "value": value} for name, value in content]
    assert api.add({"content": sent}).status_code == 400
    assert LivePost.objects.get().text == "Goal"


def test_an_endpoint_that_redirects_elsewhere(match_page, elsewhere, find):
    with Elsewhere() as attacker:
        threading.Thread(target=attacker.serve_forever, daemon=True).start()
        elsewhere.moved["/oembed/bluesky"] = f"{attacker.url}/oembed/tiktok"
        elsewhere.moved["/bluesky/1"] = "/plain"
        link = f"{elsewhere.url}/bluesky/1"
        html = render_post(find(match_page.add_live_post([("embed", link)])))
        attacker.shutdown()
    assert attacker.paths == []
    assert "Plain page" in html  # the card


@pytest.mark.parametrize("path", ["article", "moved"])
def test_a_link_card(match_page, elsewhere, find, client, path):
    link = f"{elsewhere.url}/{path}"
    post = match_page.add_live_post([("embed", link)])
    assert f'<a href="{link}" rel="noopener">{link}</a>' in render_post(post)
    html = render_post(find(post))
    assert "Reds win &amp; go up" in html
    assert "Example News" in html
    assert "/media/live_blog_cards/" in html
    assert 'width="640" height="320"' in html
    feed = client.get(f"/wagtail_live/feed/{match_page.channel_id}/json/").json()
    assert 'src="http://testserver/media/live_blog_cards/' in str(feed)
    again = match_page.add_live_post([("embed", link)])
    assert "Example News" in render_post(again)  # without another request
    assert len(elsewhere.paths) == (3 if path == "moved" else 2)


def test_the_api_describes_a_card(match_page, elsewhere, find):
    link = f"{elsewhere.url}/article"
    post = match_page.add_live_post([("embed", link)])
    [block] = to_json(post.content, "https://news.example")
    assert (block["value"], block["embed"]) == (link, None)
    [block] = to_json(find(post).content, "https://news.example")
    assert block["value"] == link
    card = block["embed"]
    assert (card["url"], card["type"]) == (link, "link")
    assert (card["title"], card["site"]) == ("Reds win & go up", "Example News")
    assert card["image"].startswith("https://news.example/media/live_blog_cards/")
    assert (card["width"], card["height"], card["html"]) == (640, 320, None)
    # It may be sent back, and is not taken from there.
    block["embed"]["title"] = "Another"
    [again] = to_json(from_json([block], user=None, current=post.content), "")
    assert again["embed"]["title"] == "Reds win & go up"


def test_the_api_describes_an_embed(match_page, elsewhere, find):
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/bluesky/1")])
    [block] = to_json(find(post).content, "")
    assert block["embed"]["html"] == BLUESKY["html"]
    assert block["embed"]["site"] == "Bluesky Social"
    assert block["embed"]["author"] == BLUESKY["author_name"]


def test_a_page_without_tags_or_image(match_page, elsewhere, find):
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/plain")])
    html = render_post(find(post))
    assert "Plain page" in html
    assert "127.0.0.1" in html
    assert "<img" not in html


def test_a_failure_is_tried_again(match_page, elsewhere, find):
    elsewhere.status = 503
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/bluesky/1")])
    version = post.updated_at
    post = find(post)
    assert post.updated_at == version
    pending = PendingEmbeds.objects.get()
    assert pending.attempts == 1
    assert (pending.due_at - post.created).total_seconds() >= 60
    elsewhere.status = 200
    assert "bluesky-embed" in render_post(find(post))
    assert not PendingEmbeds.objects.exists()


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (500, 5)])
def test_attempts_end(match_page, elsewhere, find, status, attempts):
    elsewhere.status = status
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/article")])
    for _ in range(7):
        find(post)
    assert len(elsewhere.paths) == attempts
    assert not PendingEmbeds.objects.exists()
    assert f"{elsewhere.url}/article</a>" in render_post(post)


def test_private_addresses_are_not_requested(match_page, elsewhere, find, monkeypatch):
    monkeypatch.setattr(embeds, "IS_TRUSTED", False)
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/article")])
    find(post)
    assert elsewhere.paths == []
    assert not PendingEmbeds.objects.exists()


def test_an_editor_goes_on_while_an_embed_is_found(
    client, reporter, match_page, elsewhere, find
):
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/article")])
    opened = LivePost.objects.get(pk=post.pk)
    find(post)
    client.force_login(reporter)
    data = form_data("<p>Goal</p>", opened, action="save")
    response = client.post(url("save", match_page, post.pk), data)
    assert response.status_code == 200, response.json()
    other = form_data("<p>Another</p>", opened, action="save")
    assert client.post(url("save", match_page, post.pk), other).status_code == 409
    assert match_page.live_posts.get().text == "Goal"


def test_a_deleted_post(match_page, elsewhere, find):
    post = match_page.add_live_post([("embed", f"{elsewhere.url}/article")])
    posts.delete(match_page.live_channel, post, actor=SYSTEM)
    post_embeds.find_embeds.call(str(post.pk))
    assert elsewhere.paths == []


@pytest.mark.parametrize(
    ("link", "known"),
    [
        ("https://bsky.app/profile/bsky.app/post/3l6oveex3ii2l", True),
        ("https://mastodon.social/@Mastodon/115000000000000000", True),
        ("https://www.instagram.com/p/CxYz123/", True),
        ("https://www.threads.net/@zuck/post/Cu1", True),
        ("https://www.tiktok.com/@scout2015/video/6718335390845095173", True),
        ("https://www.facebook.com/zuck/posts/10102577175875681", True),
        ("https://datawrapper.dwcdn.net/abcde/1/", True),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", True),
        ("https://example.org/@me/about", False),
    ],
)
def test_what_the_desk_embeds(link, known):
    assert embeds.is_known(link) == known
