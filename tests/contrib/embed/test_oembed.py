"""oEmbed: the endpoint, its discovery, and Wagtail as a consumer."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import Context, Template
from wagtail.embeds.finders.oembed import OEmbedFinder
from wagtail.models import Page, PageViewRestriction, Site

from tests.testapp.models import ArticlePage, MatchPage

ENDPOINT = "/wagtail_live/oembed/"


@pytest.fixture
def other_page(db):
    """A page of another site."""
    page = Page.get_first_root_node().add_child(
        instance=MatchPage(title="Other", slug="other")
    )
    Site.objects.create(hostname="other.example", port=443, root_page=page)
    yield page
    Site.clear_site_root_paths_cache()


@pytest.fixture
def ask(client):
    def ask(url, **query):
        return client.get(ENDPOINT, {"url": url, **query})

    return ask


@pytest.fixture
def url(match_page):
    return f"http://testserver{match_page.url}"


def test_a_page_is_embedded_by_its_url(ask, url, match_page):
    response = ask(url, format="json")
    data = response.json()
    assert response["Content-Type"] == "application/json"
    assert data["version"] == "1.0"
    assert data["type"] == "rich"
    assert data["title"] == "Match"
    assert (data["width"], data["height"]) == (640, 800)
    source = f"http://testserver/wagtail_live/embed/{match_page.channel_id}/"
    assert (
        f'<iframe src="{source}" title="Match" width="640" height="800"' in data["html"]
    )
    assert "/wagtail_live/embed/frame.js" in data["html"]
    assert "\n" not in data["html"]
    assert "description" not in data
    match_page.search_description = "All goals & cards"
    match_page.save()
    assert ask(url).json()["description"] == "All goals & cards"


@pytest.mark.parametrize("change", ["query", "fragment", "slash", "scheme"])
def test_urls_of_the_same_page(ask, url, change):
    changed = {
        "query": f"{url}?post=1",
        "fragment": f"{url}#live-post-1",
        "slash": url.rstrip("/"),
        "scheme": url.replace("http:", "https:"),
    }[change]
    assert ask(changed).status_code == 200


def test_limits(ask, url):
    data = ask(url, maxwidth="400", maxheight="300").json()
    assert (data["width"], data["height"]) == (400, 300)
    assert 'width="400" height="300"' in data["html"]
    data = ask(url, maxwidth="4000", maxheight="4000").json()
    assert (data["width"], data["height"]) == (640, 800)


@pytest.mark.parametrize("limit", ["0", "-1", "wide", "", "1.5", "²"])
def test_a_limit_that_is_no_number(ask, url, limit):
    response = ask(url, maxwidth=limit)
    assert response.status_code == 400
    assert "maxwidth" in response.json()["error"]


def test_other_formats_are_not_implemented(ask, url):
    assert ask(url, format="xml").status_code == 501


def test_a_url_is_needed(client, db):
    assert client.get(ENDPOINT).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        "http://testserver/nothing/",
        "http://elsewhere.example/match/",
        "ftp://testserver/match/",
        "http://testserver/admin/",
        "http://testserver:99999/match/",
        "http://[/match/",
        "http://testserver/match/\x00",
        "match",
        "http://testserver/" + "a" * 3000,
    ],
)
def test_other_urls_are_not_found(ask, match_page, wrong):
    response = ask(wrong)
    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"


def test_pages_that_are_not_live_blogs_are_not_found(ask, home_page):
    home_page.add_child(instance=ArticlePage(title="Article", slug="article"))
    assert ask("http://testserver/article/").status_code == 404


def test_an_alias_embeds_the_channel_of_its_source(ask, match_page):
    match_page.create_alias(update_slug="alias")
    data = ask("http://testserver/alias/").json()
    assert match_page.channel_id in data["html"]


def test_the_host_is_that_of_the_pages_site(ask, other_page):
    html = ask("https://other.example/").json()["html"]
    assert f"https://other.example/wagtail_live/embed/{other_page.channel_id}/" in html
    assert ask("http://testserver/").status_code == 404


def test_titles_are_escaped(ask, match_page, url):
    match_page.title = '"><script>alert(1)</script>'
    match_page.save()
    assert "<script>alert" not in ask(url).json()["html"]


def test_the_head_of_the_page_leads_to_the_endpoint(rf, client, match_page, url):
    template = Template("{% load wagtail_live_tags %}{% live_head page %}")
    html = template.render(Context({"page": match_page, "request": rf.get("/")}))
    [link] = re.findall(
        r'<link rel="alternate" type="application/json\+oembed" title="Match" href="(.*?)">',
        html,
    )
    parts = urlsplit(unescape(link))
    assert parts.netloc == "testserver"
    assert parse_qs(parts.query) == {"url": [url], "format": ["json"]}
    assert client.get(f"{parts.path}?{parts.query}").status_code == 200


def test_a_wagtail_site_embeds_the_page_by_its_finder(site_server, match_page):
    finder = OEmbedFinder(
        providers=[
            {
                "endpoint": f"{site_server.url}{ENDPOINT}",
                "urls": [rf"^{re.escape(site_server.url)}/.+$"],
            }
        ]
    )
    url = f"{site_server.url}{match_page.url}"
    assert finder.accept(url)
    embed = finder.find_embed(url, max_width=500)
    assert embed["type"] == "rich"
    assert embed["title"] == "Match"
    assert embed["width"] == 500
    assert f'src="{site_server.url}/wagtail_live/embed/' in embed["html"]


def test_restricted_pages_are_not_found(ask, url, match_page):
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=match_page.pk), restriction_type="login"
    )
    assert ask(url).status_code == 404
