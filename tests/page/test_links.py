"""Absolute URLs in what is read outside of the site, on the host of the page's site."""

import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page, Site
from wagtail.rich_text import RichText

from tests.linear import HTML_PATTERNS, is_linear
from tests.testapp.models import MatchPage
from tests.urls import urlpatterns
from wagtail_live.page import rendering

BASE = "https://sport.example/cup/final/"
SPORT = {"HTTP_HOST": "www.sport.example", "secure": True}
ATOM = "{http://www.w3.org/2005/Atom}"

EXAMPLES = {
    '<a href="/a/">': '<a href="https://sport.example/a/">',
    '<a href="b/">': '<a href="https://sport.example/cup/final/b/">',
    '<a href="?post=1">': '<a href="https://sport.example/cup/final/?post=1">',
    '<a href="#post">': '<a href="https://sport.example/cup/final/#post">',
    '<a href="/a?x=1&amp;y=2">': '<a href="https://sport.example/a?x=1&amp;y=2">',
    "<a href='/a'>": "<a href='https://sport.example/a'>",
    "<a href=/a?x=1>": '<a href="https://sport.example/a?x=1">',
    '<A\nHREF = "/a">': '<A\nHREF = "https://sport.example/a">',
    '<a href="/a"rel="x">': '<a href="https://sport.example/a"rel="x">',
    '<img src="//cdn.example/a.png"/>': '<img src="https://cdn.example/a.png"/>',
    '<img srcset="/a.jpg 1x, b,c.jpg 2x,/d.jpg">': '<img srcset="'
    "https://sport.example/a.jpg 1x, https://sport.example/cup/final/b,c.jpg 2x,"
    'https://sport.example/d.jpg">',
    '<source type=x srcset="/a.webp 480w">': '<source type=x srcset="'
    'https://sport.example/a.webp 480w">',
    '<video poster="/p.jpg" src="/v.mp4">': '<video poster="'
    'https://sport.example/p.jpg" src="https://sport.example/v.mp4">',
    '<template><iframe src="/player/"></iframe></template>': "<template><iframe "
    'src="https://sport.example/player/"></iframe></template>',
    '<blockquote cite="/a">': '<blockquote cite="https://sport.example/a">',
    '<object data="/a">': '<object data="https://sport.example/a">',
}
UNCHANGED = [
    *('<a href="https://a.example/?x=1&y=2">', '<a href="mailto:a@b.example">'),
    *('<a href="tel:1">', "<a>", '<a href="">', '<a href="//[bad">', "1 < 2, 3 > 2"),
    *('<use href="#icon">', '<img alt=" src=/a " src="data:image/png;base64,AA==">'),
    *('<img alt="/a" title=\'href="/a"\'>', "href=/a", "<p>/a</p>", '<a href="/a'),
]


@pytest.mark.parametrize("html", EXAMPLES)
def test_relative_urls_become_absolute(html):
    assert rendering.make_absolute(html, BASE) == EXAMPLES[html]


@pytest.mark.parametrize("html", UNCHANGED)
def test_all_else_stays_as_it_is(html):
    assert rendering.make_absolute(html, BASE) == html


@pytest.mark.parametrize(
    "pattern",
    [*HTML_PATTERNS, *("<a'\"'\"", "<img srcset=", '<img srcset="a, ', "<a href=/a ")],
)
def test_the_time_grows_with_the_length(pattern):
    def convert(text):
        for html in (text, f"<a {text}>", f"<img srcset='{text}'>"):
            rendering.make_absolute(html, BASE)

    assert is_linear(convert, pattern, 100_000)


@pytest.fixture
def sport_page(home_page, settings):
    """A page of the second of two sites, with the admin on a third host."""
    settings.WAGTAILADMIN_BASE_URL = "https://cms.internal.example"
    Site.objects.update(hostname="www.news.example", port=443)
    home = Page.get_first_root_node().add_child(
        instance=Page(title="Sport", slug="sport")
    )
    Site.objects.create(hostname="www.sport.example", port=443, root_page=home)
    page = home.add_child(instance=MatchPage(title="Match", slug="match"))
    news = home_page.add_child(instance=Page(title="News", slug="news"))
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    text = f'<p><a linktype="page" id="{page.pk}">here</a> <a href="/tables/">a</a></p>'
    elsewhere = f'<a linktype="page" id="{news.pk}">there</a>'
    content = [("text", RichText(text + elsewhere)), ("image", image)]
    channel = page.live_channel
    channel.summary = elsewhere.replace("there", "read") + '<a href="/key/">k</a>'
    channel.save()
    page.add_live_post(content)
    return page


def find_urls(html):
    names = ("href", "src", "srcset")
    for element in BeautifulSoup(html, "html.parser").find_all(True):
        for value in (element.get(name, "") for name in names):
            yield from re.findall(r"[^\s,]{5,}", value)


def hosts(*urls):
    return {urlsplit(url).netloc for url in urls}


BOTH = {"www.sport.example", "www.news.example"}


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["www.sport.example", "www.news.example", "cdn.test"])
def test_feeds_have_absolute_urls_of_the_pages_site(client, sport_page, host):
    feed = f"/wagtail_live/feed/{sport_page.channel_id}"
    asked = {"HTTP_HOST": host, "secure": True}
    [item] = client.get(f"{feed}/json/", **asked).json()["items"]
    urls = list(find_urls(item["content_html"]))
    assert len(urls) > 5
    assert hosts(*urls) == BOTH
    assert "https://www.sport.example/tables/" in urls
    assert any(url.startswith("https://www.sport.example/media/") for url in urls)
    assert hosts(item["url"]) == {"www.sport.example"}
    atom = ElementTree.fromstring(client.get(f"{feed}/atom/", **asked).content)
    assert list(find_urls(atom.findtext(f"{ATOM}entry/{ATOM}content"))) == urls


@pytest.mark.django_db
def test_the_api_has_absolute_urls(client, sport_page):
    url = f"/wagtail_live/api/v1/channels/{sport_page.channel_id}/"
    [post] = client.get(f"{url}posts/", **SPORT).json()["posts"]
    assert hosts(*find_urls(post["html"])) == BOTH
    text, image = post["content"]
    assert hosts(*find_urls(text["value"])) == BOTH
    urls = [rendition["url"] for rendition in image["value"]["renditions"]]
    assert hosts(*urls) == {"www.sport.example"}
    channel = client.get(url, **SPORT).json()
    assert hosts(*find_urls(channel["summary"])) == BOTH
    updates = client.get(f"{url}updates/?since=1", **SPORT).json()
    assert updates["posts"] == [post]
    assert updates["channel"]["summary"] == channel["summary"]


@pytest.mark.django_db
@pytest.mark.parametrize("base_url", ["https://cms.internal.example", None])
def test_preview_images_are_on_the_pages_site(client, sport_page, settings, base_url):
    settings.WAGTAILADMIN_BASE_URL = base_url
    if base_url is None:
        del settings.WAGTAILADMIN_BASE_URL
    html = client.get("/match/", **SPORT).content.decode()
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', html)[1])
    images = [*data["image"], *data["liveBlogUpdate"][0]["image"]]
    assert len(images) == 4
    assert hosts(*images, data["url"]) == {"www.sport.example"}


@pytest.fixture
def render(rf):
    """Render a tag for a page, in a request for a URL of it."""

    def render(tag, page, query="", **request):
        request = rf.get(f"/{query}", **request)
        request.user = AnonymousUser()
        template = Template(f"{{% load wagtail_live_tags %}}{tag}")
        return template.render(Context({"page": page, "request": request}))

    return render


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["www.sport.example", "cms.internal.example"])
def test_the_image_of_a_shared_post_is_on_the_pages_site(sport_page, render, host):
    post = sport_page.live_posts.get()
    head = render(
        "{% live_head page %}", sport_page, f"?post={post.pk}", HTTP_HOST=host
    )
    [image] = re.findall(r'property="og:image" content="([^"]*)"', head)
    assert image.startswith("https://www.sport.example/media/images/")


@pytest.mark.django_db
def test_urls_have_the_port_and_scheme_of_requests_for_the_site(client, match_page):
    """While a site is developed, and behind a proxy that a site does not know of."""
    text = RichText('<p><a href="/tables/">tables</a></p>')
    match_page.add_live_post([("text", text)])
    url = f"/wagtail_live/api/v1/channels/{match_page.channel_id}/posts/"

    def link(**request):
        [post] = client.get(url, **request).json()["posts"]
        return next(find_urls(post["html"]))

    assert link(HTTP_HOST="127.0.0.1:8000") == "http://127.0.0.1:8000/tables/"
    Site.objects.update(hostname="news.example")
    Site.clear_site_root_paths_cache()
    assert link(HTTP_HOST="news.example", secure=True) == "https://news.example/tables/"
    assert link(HTTP_HOST="cdn.example") == "http://news.example/tables/"
    Site.objects.update(port=443)
    Site.clear_site_root_paths_cache()
    assert link(HTTP_HOST="news.example") == "https://news.example/tables/"


class FrontEnd:
    """A site whose pages are shown by another server."""

    urlpatterns = [pattern for pattern in urlpatterns if str(pattern.pattern)]


@pytest.mark.django_db
def test_feeds_of_a_site_without_pages_of_its_own(client, match_page, settings):
    post = match_page.add_live_post("Goal")
    settings.ROOT_URLCONF = FrontEnd
    feed = f"/wagtail_live/feed/{match_page.channel_id}"
    [item] = client.get(f"{feed}/json/").json()["items"]
    assert "url" not in item
    assert item["id"] == post.pk.urn
    atom = client.get(f"{feed}/atom/").content.decode()
    assert "None" not in atom
    api = f"/wagtail_live/api/v1/channels/{match_page.channel_id}/posts/"
    assert client.get(api).json()["posts"][0]["url"] is None
