"""Badges and teasers of live pages on other pages, and what keeps them up to date."""

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

URL = "/wagtail_live/summaries/"

pytestmark = pytest.mark.django_db


def render(tag, page, **context):
    template = "{% load wagtail_live_tags %}{% " + tag + " page %}"
    return Template(template).render(Context({"page": page, **context}))


def test_a_badge_marks_a_page_that_is_live(match_page):
    assert "live-badge__mark" not in render("live_badge", match_page)
    match_page.add_live_post("Kick-off")
    html = render("live_badge", Page.objects.get(pk=match_page.pk))
    assert 'live-badge__mark--live">Live</span>' in html
    assert f'channel="{match_page.channel_id}"' in html
    assert f'src="{URL}"' in html
    coverage.set_state(match_page.live_channel, "paused", actor=SYSTEM)
    assert ">Paused</span>" in render("live_badge", match_page)
    coverage.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    assert "live-badge__mark" not in render("live_badge", match_page)


def test_a_teaser_has_the_newest_three_headlines(match_page):
    channel = match_page.live_channel
    for number in range(5):
        posts.publish(channel, "…", title=f"Goal <{number}>", actor=SYSTEM)
    posts.publish(channel, "A draft", show=False, actor=SYSTEM)
    html = render("live_teaser", match_page)
    assert "Live</span>" in html
    places = [html.find(f"Goal &lt;{number}&gt;") for number in (4, 3, 2)]
    assert -1 not in places
    assert places == sorted(places)
    assert "&lt;1&gt;" not in html
    assert "A draft" not in html
    assert f'href="{match_page.url}?post=' in html


def test_each_brings_its_script_since_a_fragment_may_be_cached(match_page):
    request = RequestFactory().get("/")
    tags = "{% cache 60 one %}{% live_badge page %}{% endcache %}"
    template = Template(
        "{% load cache wagtail_live_tags %}{% live_teaser page %}" + tags
    )
    template.render(Context({"page": match_page, "request": request}))
    alone = Template("{% load cache wagtail_live_tags %}" + tags)
    html = alone.render(Context({"page": match_page, "request": request}))
    assert html.count("<live-badge\n") == 1
    assert "live-badge.js" in html
    assert "live-badge.css" in html


def test_private_pages_hide_no_public_one(match_page, home_page):
    match_page.add_live_post("Kick-off")
    for number in range(12):
        private = type(match_page)(title=f"Private {number}", slug=f"private-{number}")
        home_page.add_child(instance=private).add_live_post("Secret")
        PageViewRestriction.objects.create(
            page=private, restriction_type=PageViewRestriction.LOGIN
        )
    html = Template("{% load wagtail_live_tags %}{% live_now %}").render(Context())
    assert match_page.title in html
    assert "Private" not in html


def test_private_and_new_pages_have_none(match_page, client):
    assert render("live_teaser", type(match_page)(title="New")).strip() == ""
    match_page.add_live_post("Secret")
    query = f"{URL}?channel={match_page.channel_id}"
    assert "Secret" in client.get(query).content.decode()
    PageViewRestriction.objects.create(
        page=match_page, restriction_type=PageViewRestriction.LOGIN
    )
    assert render("live_teaser", match_page).strip() == ""
    assert client.get(query).json() == {"channels": {match_page.channel_id: None}}


def test_one_answer_for_all_that_caches_may_keep(match_page, home_page, client):
    other = home_page.add_child(instance=type(match_page)(title="Other", slug="other"))
    match_page.add_live_post("Goal")
    ids = [match_page.channel_id, other.channel_id, "unknown"]
    response = client.get(URL, {"channel": ids})
    found = response.json()["channels"]
    assert found.keys() == set(ids)
    assert ">Live</span>" in found[ids[0]]["badge"]
    assert "Goal" in found[ids[0]]["teaser"]
    assert found[ids[1]]["badge"] == ""
    assert found["unknown"] is None
    assert response["Cache-Control"] == "public, max-age=1"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    again = client.get(
        URL, {"channel": ids[::-1]}, headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["summaries/?channel=", "get-updates/"])
def test_no_session_is_handed_on_by_caches(match_page, admin_client, settings, path):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    match_page.add_live_post("Goal")
    end = "" if "?" in path else "/?last_update_ts=1"
    url = f"/wagtail_live/{path}{match_page.channel_id}{end}"
    response = admin_client.get(url)
    assert response["Cache-Control"] == "public, max-age=1"
    assert not response.cookies.values()
    assert admin_client.get("/admin/").cookies["sessionid"].value


@pytest.mark.parametrize("query", ["", "?channel=", "?channel=a/b", "?channel=%00"])
def test_bad_requests(client, query):
    assert client.get(URL + query).status_code == 400
    many = {"channel": [str(number) for number in range(31)]}
    assert client.get(URL, many).status_code == 400


def test_updates_that_are_switched_off(client, settings):
    settings.WAGTAIL_LIVE_ENABLED = False
    assert client.get(f"{URL}?channel=a").status_code == 204


@pytest.mark.django_db(transaction=True)
def test_many_readers_cost_no_more_queries_than_one(match_page, client, monkeypatch):
    monkeypatch.setattr("wagtail_live.delivery.shared.LIFETIME", 60)
    match_page.add_live_post("Goal")
    query = f"{URL}?channel={match_page.channel_id}"
    assert "Goal" in client.get(query).content.decode()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            client.get(query)
    assert len(queries) == 0
    PageViewRestriction.objects.create(
        page=match_page, restriction_type=PageViewRestriction.LOGIN
    )
    assert "Goal" not in client.get(query).content.decode()
