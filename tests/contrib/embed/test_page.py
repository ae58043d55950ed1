"""The page for frames."""

import re

import pytest
from wagtail.models import Page, PageViewRestriction, Site

from tests.testapp.models import MatchPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(match_page):
    match_page.add_live_post("Kick-off")
    return match_page


def embed(page, query=""):
    return f"/wagtail_live/embed/{page.channel_id}/{query}"


def read_policy(response):
    policy = response["Content-Security-Policy"]
    return dict(each.split(" ", 1) for each in policy.split("; "))


def test_the_page_has_the_posts_and_leads_to_the_source(client, page):
    Site.objects.update(site_name="The News")
    response = client.get(embed(page))
    html = response.content.decode()
    assert response.status_code == 200
    assert "Kick-off" in html
    assert "<live-blog" in html
    assert "event-stream=" in html or "interval-polling=" in html
    assert '<base target="_top">' in html
    assert 'name="description"' not in html
    page.search_description = "Goals & cards"
    page.save()
    html = client.get(embed(page)).content.decode()
    assert '<meta name="description" content="Goals &amp; cards">' in html
    source = f"http://testserver{page.url}"
    assert f'<link rel="canonical" href="http://localhost{page.url}">' in html
    assert re.search(
        rf'<a class="live-embed__source" href="{source}">\s*'
        "Follow the live blog on The News",
        html,
    )


def test_the_page_has_no_inline_code(client, page):
    html = client.get(embed(page)).content.decode()
    scripts = re.findall(r"<script[^>]*>", html)
    assert scripts
    assert all("src=" in tag or "ld+json" in tag for tag in scripts)
    assert "<style" not in html
    assert " style=" not in html


def test_any_site_may_frame_a_public_page_by_default(client, page):
    response = client.get(embed(page))
    assert "X-Frame-Options" not in response
    policy = read_policy(response)
    assert policy["frame-ancestors"] == "*"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert client.get(page.url)["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("ancestors", "expected"),
    [
        ([], "'self'"),
        (["https://partner.example"], "'self' https://partner.example"),
        (["https://*.a.example:8443"], "'self' https://*.a.example:8443"),
        (["'self'"], "'self'"),
    ],
)
def test_ancestors_are_a_setting(client, page, settings, ancestors, expected):
    settings.WAGTAIL_LIVE_EMBED_ANCESTORS = ancestors
    assert read_policy(client.get(embed(page)))["frame-ancestors"] == expected


def test_only_the_site_itself_may_frame_a_restricted_page(page, admin_client):
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=page.pk), restriction_type="login"
    )
    response = admin_client.get(embed(page))
    assert response.status_code == 200
    assert read_policy(response)["frame-ancestors"] == "'self'"
    assert "no-store" in response["Cache-Control"]


def test_the_policy_knows_the_hosts_of_files_and_the_sites_own_sources(
    client, page, settings
):
    settings.MEDIA_URL = "http://media.example/files/"
    settings.STATIC_URL = "//static.example/"
    settings.WAGTAIL_LIVE_EMBED_SOURCES = {"script-src": ["https://platform.example"]}
    policy = read_policy(client.get(embed(page)))
    assert policy["script-src"] == (
        "'self' https://static.example https://platform.example"
    )
    assert "http://media.example" in policy["img-src"].split()


def test_a_link_to_a_post_leads_to_the_page(client, page):
    post = page.live_posts[0]
    response = client.get(embed(page, f"?post={post.pk}"))
    assert response.status_code == 302
    assert response["Location"] == f"http://testserver{page.url}?post={post.pk}"


def test_earlier_posts_are_shown_in_the_frame_and_on_the_page(client, page):
    older = embed(page, "?before=9999999999999999-x")
    assert client.get(older, headers={"Sec-Fetch-Dest": "empty"}).status_code == 200
    response = client.get(older, headers={"Sec-Fetch-Dest": "document"})
    assert response["Location"].startswith(f"http://testserver{page.url}?before=")
    assert "Sec-Fetch-Dest" in response["Vary"]


def test_the_page_is_in_the_language_of_the_blog(client, page, settings):
    settings.LANGUAGE_CODE = "ar"
    html = client.get(embed(page)).content.decode()
    assert '<html lang="ar" dir="rtl">' in html


def test_the_script_has_a_url_that_stays(client):
    response = client.get("/wagtail_live/embed/frame.js")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/javascript"
    assert "public" in response["Cache-Control"]


def test_unknown_channels_are_404(client, page):
    assert client.get("/wagtail_live/embed/unknown/").status_code == 404


def test_the_page_takes_few_queries(client, page, django_assert_max_num_queries):
    for number in range(50):
        page.add_live_post(f"Post {number}")
    client.get(embed(page))
    with django_assert_max_num_queries(16):
        client.get(embed(page))


@pytest.mark.usefixtures("db")
def test_editors_copy_the_code(client, admin_user, page, home_page):
    client.force_login(admin_user)
    url = f"/admin/live/{page.pk}/connections/"
    html = client.get(url).content.decode()
    assert f"&lt;iframe src=&quot;http://testserver{embed(page)}&quot;" in html
    draft = home_page.add_child(instance=MatchPage(title="D", slug="d", live=False))
    html = client.get(f"/admin/live/{draft.pk}/connections/").content.decode()
    assert "&lt;iframe" not in html
    assert "Only published pages" in html
