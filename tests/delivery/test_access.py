"""Anyone who can view a page may follow its channel."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from tests.testapp.models import MatchPage

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

SECRET = "the secret post"


@pytest.fixture
def page(match_page):
    match_page.add_live_post(SECRET)
    return match_page


def answers(page, client=None):
    """The responses to a reader, from each way to follow a channel."""
    client = client or Client()
    path = f"/wagtail_live/get-updates/{page.channel_id}/"
    poll = f"/wagtail_live/poll/{page.channel_id}/"
    feed = f"/wagtail_live/feed/{page.channel_id}"
    return [
        client.post(path),
        client.get(path, {"last_update_ts": 0}),
        client.get(path, {"last_update_ts": 0, "delta": 1}),
        client.get(poll, {"last_update_ts": 0}),
        client.head(poll),
        client.get(f"{feed}/atom/"),
        client.get(f"{feed}/json/"),
        *answers_of_apps(page, client),
    ]


def answers_of_apps(page, client):
    if not apps.is_installed("wagtail_live.contrib.embed"):
        return []
    url = f"http://testserver{page.url}"
    return [
        client.get(f"/wagtail_live/embed/{page.channel_id}/"),
        client.get("/wagtail_live/oembed/", {"url": url}),
    ]


def assert_open(responses):
    assert {response.status_code for response in responses} == {200}


def assert_refused(responses):
    unknown = Client().get("/wagtail_live/get-updates/unknown/?last_update_ts=0")
    for response in responses:
        assert response.status_code == 404
        if response.request["REQUEST_METHOD"] != "HEAD":
            assert response.content == unknown.content
        assert response["Cache-Control"] == "no-store"
        assert SECRET.encode() not in response.content


def restrict(page, kind, **options):
    return PageViewRestriction.objects.create(
        page=Page.objects.get(pk=page.pk), restriction_type=kind, **options
    )


def test_a_published_page_is_open_to_everybody(page):
    assert_open(answers(page))


def test_a_draft_is_refused_also_to_its_author(home_page, admin_client):
    draft = home_page.add_child(
        instance=MatchPage(title="Draft", slug="draft", live=False)
    )
    draft.add_live_post(SECRET)
    assert_refused(answers(draft))
    assert_refused(answers(draft, admin_client))


def test_an_unpublished_page_is_refused(page):
    page.unpublish()
    assert_refused(answers(page))


def test_a_page_outside_of_every_site_is_refused(page):
    root = Page.get_first_root_node()
    page.move(root, pos="last-child")
    assert_refused(answers(page))


@pytest.mark.parametrize("on", ["itself", "its parent"])
def test_a_page_behind_a_login(page, home_page, admin_client, on):
    restrict(page if on == "itself" else home_page, "login")
    assert_refused(answers(page))
    responses = answers(page, admin_client)
    assert_open(responses)
    assert all("Cookie" in response["Vary"] for response in responses)
    assert all("no-store" in response["Cache-Control"] for response in responses)


def test_a_page_for_a_group(page, client, django_user_model):
    group = Group.objects.create(name="Members")
    restrict(page, "groups").groups.add(group)
    user = django_user_model.objects.create_user("member", password="password")
    client.force_login(user)
    assert_refused(answers(page, client))
    user.groups.add(group)
    assert_open(answers(page, client))


def test_a_page_behind_a_password(page, client):
    restriction = restrict(page, "password", password="kick")
    assert_refused(answers(page, client))
    client.post(
        f"/_util/authenticate_with_password/{restriction.pk}/{page.pk}/",
        {"password": "kick", "return_url": page.url},
    )
    assert_open(answers(page, client))


def test_an_open_alias_opens_the_channel(page, home_page):
    page.create_alias(update_slug="alias")
    assert_open(answers(page))


def test_hidden_posts_appear_nowhere(page, client):
    """P3: not in an answer, not in HTML, not in a list of ids, not in a feed."""
    visible = page.add_live_post("visible")
    hidden = page.live_posts.last()
    page.update_live_post(hidden, show=False)
    draft = page.add_live_post("a draft", show=False)
    pages = [client.get(page.url), client.get(f"{page.url}?post={draft.pk}")]
    for response in [*answers(page), *pages]:
        text = response.content.decode()
        assert SECRET not in text
        assert "a draft" not in text
        assert f"live-post-{hidden.pk}" not in text
    delta = answers(page)[2].json()
    assert delta["removals"] == [str(hidden.pk)]
    assert list(delta["updates"]) == [str(visible.pk)]


def test_public_responses_depend_on_no_cookie(page, admin_client):
    """P4: nothing is set, nothing varies, and two visitors get the same bytes."""
    for response, signed_in in zip(
        answers(page), answers(page, admin_client), strict=True
    ):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert response.content == signed_in.content
    assert Client().get(page.url).content == Client().get(page.url).content
