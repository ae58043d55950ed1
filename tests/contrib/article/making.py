"""Tests that tests/contrib/test_newsroom.py runs in a process with other settings: a page is
made of a post in Wagtail's own form, and the two are linked."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.admin.desk.requests import url, user_who_may
from tests.contrib.news.models import BriefPage, StormPage, StoryPage
from wagtail_live import posts
from wagtail_live.api.serializers import describe_post
from wagtail_live.contrib.article import conf
from wagtail_live.contrib.article.checks import check_page_types
from wagtail_live.contrib.article.models import PostArticle
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(match_page):
    channel = match_page.live_channel
    return posts.publish(channel, "<p>Ada <b>scores</b></p>", title="1–0", actor=SYSTEM)


@pytest.fixture
def editor(home_page, client):
    user = user_who_may(home_page, "add_page", "change_page", "publish_page")
    client.force_login(user)
    return user


def article_url(post):
    args = [post.channel.page_id, post.pk]
    return reverse("wagtail_live_connections:article", args=args)


def add_url(parent, model=StoryPage):
    return reverse(
        "wagtailadmin_pages:add", args=["news", model._meta.model_name, parent.pk]
    )


def form_data(post, *, link=False, **fields):
    data = {
        "title": "Ada scores",
        "slug": "ada-scores",
        "body": streamfield([("text", rich_text("<p>Ada scores</p>"))]),
        "live_post": str(post.pk),
        **({"live_post_link": "1"} if link else {}),
        **fields,
    }
    return nested_form_data(data)


def make_page(client, post, home_page, **fields):
    client.post(add_url(home_page), form_data(post, **fields))
    return StoryPage.objects.get()


def test_the_menu_leads_to_the_filled_form(client, editor, post, home_page):
    desk = client.get(url("index", post.channel.page)).content.decode()
    assert f'href="{article_url(post)}">Make a page of this post</a>' in desk
    response = client.get(article_url(post))
    expected = f"{add_url(home_page)}?live_post={post.pk}"
    assert response.url == expected
    response = client.get(expected)
    page = response.context["form"].instance
    assert (page.title, page.slug) == ("1–0", "10")
    assert page.body.raw_data[0]["value"] == "<p>Ada <b>scores</b></p>"
    html = response.content.decode()
    assert "Nothing is saved yet." in html
    assert f'name="live_post" value="{post.pk}"' in html
    assert StoryPage.objects.count() == 0


def test_page_and_post_are_linked_when_an_editor_wants_it(
    client, editor, post, home_page
):
    page = make_page(client, post, home_page, link=True)
    assert not page.live
    post.refresh_from_db()
    assert [child.block_type for child in post.content] == ["text"]
    page.get_latest_revision().publish()
    post.refresh_from_db()
    [block] = describe_post(post)["content"][1:]
    url_of_page = StoryPage.objects.get().full_url
    assert block["value"] == {
        "page": page.pk,
        "title": "Ada scores",
        "url": url_of_page,
    }
    assert url_of_page in describe_post(post)["html"]
    assert "Read the article:" in Client().get(post.channel.page.url).content.decode()
    shown = Client().get(page.url).content.decode()
    assert f"?post={post.pk}" in shown
    assert "First reported in the live blog:" in shown
    StoryPage.objects.get().unpublish()
    post.refresh_from_db()
    assert [child.block_type for child in post.content] == ["text"]


def test_no_link_without_the_wish(client, editor, post, home_page):
    page = make_page(client, post, home_page, **{"action-publish": "1"})
    assert page.live
    post.refresh_from_db()
    assert len(post.content) == 1
    html = client.get(
        reverse("wagtailadmin_pages:edit", args=[page.pk])
    ).content.decode()
    assert reverse("wagtail_live:edit", args=[post.channel.page_id, post.pk]) in html
    overview = client.get(article_url(post)).content.decode()
    assert "Link from the post" in overview
    data = {"article": PostArticle.objects.get().pk, "link": "1"}
    client.post(article_url(post), data)
    post.refresh_from_db()
    assert len(post.content) == 2
    page.delete()
    post.refresh_from_db()
    assert len(post.content) == 1


def test_a_private_page_is_never_named(client, editor, post, home_page):
    page = make_page(client, post, home_page, link=True, **{"action-publish": "1"})
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=page.pk), restriction_type="login"
    )
    post.refresh_from_db()
    [block] = describe_post(post)["content"][1:]
    assert block["value"] == {"page": page.pk}
    assert "Ada scores" not in describe_post(post)["html"]
    assert (
        "Read the article" not in Client().get(post.channel.page.url).content.decode()
    )


def test_errors_in_the_form_keep_the_post(client, editor, post, home_page):
    response = client.post(add_url(home_page), form_data(post, link=True, title=""))
    html = response.content.decode()
    assert "This field is required" in html
    assert f'name="live_post" value="{post.pk}"' in html
    assert 'name="live_post_link" value="1" checked' in html


def test_a_post_that_is_deleted_meanwhile_loses_no_page(
    client, editor, post, home_page
):
    posts.delete(post.channel, post, actor=SYSTEM)
    assert make_page(client, post, home_page).title == "Ada scores"
    assert PostArticle.objects.count() == 0
    assert client.get(f"{add_url(home_page)}?live_post={post.pk}").status_code == 404
    assert client.get(article_url(post)).status_code == 404


def test_a_deleted_post_that_comes_back_has_its_pages(client, editor, post, home_page):
    make_page(client, post, home_page)
    snapshot = posts.delete(post.channel, post, actor=SYSTEM)
    restored = posts.restore(post.channel, snapshot, actor=SYSTEM)
    assert PostArticle.objects.get().find_post() == restored
    assert "Ada scores" in client.get(article_url(post)).content.decode()


def test_rights(client, post, match_page, home_page):
    """Adding pages takes the permission there, and reading the post on its desk."""
    client.force_login(user_who_may(match_page, "change_page", "publish_page"))
    assert "Make a page" not in client.get(url("index", match_page)).content.decode()
    assert client.get(article_url(post)).status_code == 403
    assert client.get(f"{add_url(home_page)}?live_post={post.pk}").status_code == 302
    outside = home_page.add_child(instance=StormPage(title="Storm", slug="storm"))
    client.force_login(user_who_may(outside, "add_page", name="outsider"))
    assert client.get(article_url(post)).status_code == 403
    response = client.get(f"{add_url(outside, BriefPage)}?live_post={post.pk}")
    assert response.status_code == 404
    assert "scores" not in response.content.decode()


def test_who_may_not_publish_on_the_live_page_sets_no_link(client, post, home_page):
    user = user_who_may(home_page, "add_page", "change_page", name="drafter")
    client.force_login(user)
    page = make_page(client, post, home_page, link=True)
    assert PostArticle.objects.get().is_linked is False
    assert client.post(article_url(post), {"article": page.pk}).status_code == 403


def test_types_and_places_are_chosen(client, editor, home_page):
    storm = home_page.add_child(instance=StormPage(title="Storm", slug="storm"))
    post = posts.publish(storm.live_channel, "<p>Rain</p>", actor=SYSTEM)
    html = client.get(article_url(post)).content.decode()
    for parent, model in ((home_page, StoryPage), (storm, BriefPage)):
        assert f"{add_url(parent, model)}?live_post={post.pk}" in html
    chosen = {"type": "news.briefpage"}
    assert "parent_page" in client.get(article_url(post), chosen).content.decode()
    path = f"{article_url(post)}?type=news.briefpage"
    refused = client.post(path, {"parent_page": home_page.pk})
    assert refused.status_code == 422
    response = client.post(path, {"parent_page": storm.pk})
    assert response.url == f"{add_url(storm, BriefPage)}?live_post={post.pk}"
    page = client.get(response.url).context["form"].instance
    assert [(each.block_type, each.value) for each in page.parts] == [
        ("paragraph", "Rain")
    ]
    assert (
        client.get(article_url(post), {"type": "testapp.matchpage"}).status_code == 404
    )


def test_a_private_blog_warns(client, editor, post, home_page, match_page):
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=match_page.pk), restriction_type="login"
    )
    html = client.get(f"{add_url(home_page)}?live_post={post.pk}").content.decode()
    assert "The live blog is private" in html


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("news.StoryPage", "must be a list"),
        (["news.Nothing"], "there is no 'news.Nothing'"),
        (["wagtail_live.Channel"], "must name page types"),
        (["testapp.MatchPage"], "MatchPage has no StreamField"),
    ],
)
def test_wrong_settings_are_reported(settings, monkeypatch, value, problem):
    settings.WAGTAIL_LIVE_ARTICLE_PAGE_TYPES = value
    with pytest.raises(ImproperlyConfigured, match=problem):
        conf.get_page_types()
    monkeypatch.setattr(StormPage, "live_article_page_types", value)
    [message] = check_page_types(None)
    assert message.id == "wagtail_live_article.E002"
    assert problem in message.msg
