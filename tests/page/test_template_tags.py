"""The template tags."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.rich_text import RichText

from tests.testapp.models import MatchPage
from wagtail_live import cursors
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = pytest.mark.django_db


def fill(page, count):
    """Create posts one second apart, without the writer; the last is the newest."""
    channel = page.live_channel
    start = timezone.now() - timedelta(days=1)
    moments = [start + timedelta(seconds=n) for n in range(count)]
    LivePost.objects.bulk_create(
        LivePost(
            channel=channel,
            created=moment,
            updated_at=moment,
            first_published_at=moment,
            content=[("text", RichText(f"<p>post {n}</p>"))],
        )
        for n, moment in enumerate(moments)
    )


def html(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def numbers(text):
    return [int(number) for number in re.findall(r'<p dir="auto">post (\d+)</p>', text)]


def count_queries(client, url):
    with CaptureQueriesContext(connection) as queries:
        html(client, url)
    return len(queries)


def structured_data(text):
    return json.loads(
        re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1]
    )


def test_a_long_page_shows_the_newest_fifty_and_leads_to_older_ones(client, match_page):
    fill(match_page, 1000)
    text = html(client, match_page.url)
    assert numbers(text) == list(range(999, 949, -1))
    assert 'rel="next"' in text


def test_pages_of_older_posts_cover_all_of_them_once_and_do_not_shift(
    client, match_page
):
    fill(match_page, 130)
    seen, url = [], match_page.url
    while url:
        text = html(client, url)
        seen += numbers(text)
        match_page.add_live_post("<p>news</p>")  # arrives while the reader pages
        link = re.search(r'href="(\?before=[^"]+)" rel="next"', text)
        url = link and match_page.url + link[1]
    assert seen == list(range(129, -1, -1))


@pytest.mark.parametrize("before", ["x", "1", "0" * 16, "9" * 16 + "-" + "0" * 36, "é"])
def test_invalid_parameters_show_the_newest_posts(client, match_page, before):
    fill(match_page, 3)
    assert numbers(html(client, f"{match_page.url}?before={before}")) == [2, 1, 0]


def test_a_page_needs_as_many_queries_for_one_post_as_for_a_thousand(
    client, match_page
):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    match_page.add_live_post([("image", image), ("embed", "https://v.example/1")])
    count_queries(client, match_page.url)  # makes renditions, fills caches
    few = count_queries(client, match_page.url)
    for _ in range(49):
        match_page.add_live_post([("image", image), ("embed", "https://v.example/2")])
    fill(match_page, 950)
    assert count_queries(client, match_page.url) == few <= 13


def test_the_cursor_is_the_one_that_the_page_was_rendered_at(client, match_page):
    match_page.add_live_post("Goal")
    [cursor] = re.findall(r' cursor="([^"]+)"', html(client, match_page.url))
    assert cursors.parse([cursor]) == match_page.last_updated_at


def test_nothing_is_inline(client, match_page):
    """C5: works under ``script-src 'self'``; JSON-LD is data and no script."""
    match_page.add_live_post("Goal")
    text = html(client, match_page.url)
    scripts = re.findall(r"<script[^>]*>", text)
    assert [script for script in scripts if "src=" not in script] == [
        '<script type="application/ld+json">'
    ]
    assert "<style" not in text
    assert not re.search(r"\s(style|on\w+)=", text)


def test_a_site_without_our_urls_shows_the_posts(rf, match_page):
    match_page.add_live_post("Goal")
    template = Template("{% load wagtail_live_tags %}{% live_posts page %}")
    with override_settings(ROOT_URLCONF="wagtail.urls"):
        text = template.render(Context({"page": match_page, "request": rf.get("/")}))
    assert "Goal" in text
    assert "long-polling=" not in text


def test_a_page_that_was_never_saved_can_be_previewed(rf):
    template = Template("{% load wagtail_live_tags %}{% live_posts page %}")
    page = MatchPage(title="New")
    assert "no posts yet" in template.render(
        Context({"page": page, "request": rf.get("/")})
    )


def test_a_permalink_shows_the_post_among_its_neighbours(client, match_page):
    fill(match_page, 300)
    post = match_page.live_posts[150]
    text = html(client, f"{match_page.url}?post={post.pk}")
    shown = numbers(text)
    assert len(shown) == 50
    assert shown.index(149) in range(20, 30)
    assert f'marked="{post.pk}"' in text


@pytest.mark.parametrize("how", ["hidden", "deleted"])
def test_an_old_link_to_a_withdrawn_post_says_so(client, match_page, how):
    post = match_page.add_live_post("Goal")
    if how == "hidden":
        match_page.update_live_post(post, show=False)
    else:
        match_page.delete_live_post(post)
    text = html(client, f"{match_page.url}?post={post.pk}")
    assert ">This post was withdrawn.<" in text
    assert "live-blog__notice" not in html(client, f"{match_page.url}?post=nonsense")


def test_structured_data_has_the_times_of_updates(client, match_page):
    draft = match_page.add_live_post("Draft", show=False)
    post = match_page.add_live_post("<p>Kick-off &lt;/script&gt;</p>")
    started = match_page.live_channel.started_at.isoformat(timespec="seconds")
    data = structured_data(html(client, match_page.url))
    assert data["@type"] == "LiveBlogPosting"
    assert data["coverageStartTime"] == started
    assert "coverageEndTime" not in data
    [update] = data["liveBlogUpdate"]
    assert update["@type"] == "BlogPosting"
    assert update["articleBody"] == "Kick-off </script>"
    assert update["url"] == f"{data['url']}#live-post-{post.pk}"
    coverage.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    data = structured_data(html(client, match_page.url))
    ended = match_page.live_channel.ended_at.isoformat(timespec="seconds")
    assert (data["coverageStartTime"], data["coverageEndTime"]) == (started, ended)
    assert str(draft.pk) not in json.dumps(data)


def test_pages_that_are_live_now_are_listed_for_everybody(match_page, home_page):
    quiet = home_page.add_child(instance=MatchPage(title="Quiet", slug="quiet"))
    secret = home_page.add_child(instance=MatchPage(title="Secret", slug="secret"))
    secret.view_restrictions.create(restriction_type="login")
    match_page.add_live_post("Kick-off")
    secret.add_live_post("Kick-off")
    text = Template("{% load wagtail_live_tags %}{% live_now %}").render(Context())
    assert match_page.title in text
    assert quiet.title not in text
    assert secret.title not in text


def test_the_head_of_the_page_describes_the_post_of_a_permalink(rf, match_page):
    post = match_page.add_live_post("<p>Goal by Ajax</p>")
    template = Template("{% load wagtail_live_tags %}{% live_head page %}")
    request = rf.get("/", {"post": str(post.pk)})
    text = template.render(Context({"page": match_page, "request": request}))
    assert '<meta property="og:title" content="Goal by Ajax">' in text
    assert f"?post={post.pk}" in text
    assert "application/atom+xml" in text
