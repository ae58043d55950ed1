"""Tests that tests/contrib/test_sharing.py runs in a process with other settings: posts are
shared on the desk and over the API."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse
from jsonschema import Draft202012Validator
from wagtail.models import Page, PageViewRestriction

from tests.admin.desk.requests import url, user_who_may
from tests.api.calling import Caller
from wagtail_live import posts
from wagtail_live.api.models import ApiToken
from wagtail_live.contrib.sharing.copying import share
from wagtail_live.contrib.sharing.models import SharedPost
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db
KINDS = ("copy", "share")


def place_url(kind, post):
    args = [post.channel.page_id, post.pk]
    return reverse(f"wagtail_live_connections:{kind}", args=args)


def restrict(page):
    page = Page.objects.get(pk=page.pk)
    PageViewRestriction.objects.create(page=page, restriction_type="login")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_chosen(client, reporter, post, country, kind):
    client.force_login(reporter)
    desk = client.get(url("index", post.channel.page)).content.decode()
    assert place_url(kind, post) in desk
    html = client.get(place_url(kind, post)).content.decode()
    assert "The country today" in html
    assert "Storm in the north" not in html.partition("<fieldset")[2]
    token = re.search(r'name="token" value="([^"]+)"', html)[1]
    data = {"page": country.pk, "token": token}
    for _ in range(2):
        response = client.post(place_url(kind, post), data, follow=True)
        assert "The country today" in response.content.decode()
    made = country.live_channel.posts.get()
    assert (made.text, made.show) == ("A tree fell", True)
    assert SharedPost.objects.count() == (1 if kind == "share" else 0)


def test_pages_are_found_by_title(client, reporter, post, country, third):
    client.force_login(reporter)
    path = place_url("share", post)
    html = client.get(path, {"q": "today COUNTRY"}).content.decode()
    assert "The country today" in html
    assert ">Third<" not in html
    html = client.get(path, {"q": "nothing"}).content.decode()
    assert "has these words in its title" in html


@pytest.mark.parametrize("kind", KINDS)
def test_only_pages_on_which_the_user_may_write_are_offered(
    client, post, north, country, kind
):
    client.force_login(user_who_may(north, "change_page", "publish_page"))
    assert "live blog…" not in client.get(url("index", north)).content.decode()
    html = client.get(place_url(kind, post)).content.decode()
    assert "The country today" not in html
    assert "There is no other live blog" in html
    response = client.post(place_url(kind, post), {"page": country.pk})
    assert response.status_code == 422
    assert not country.live_channel.posts.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_only_write_there_submits(client, post, country, writer_of_both, kind):
    client.force_login(writer_of_both)
    html = client.get(place_url(kind, post)).content.decode()
    assert "is submitted to an editor" in html
    response = client.post(place_url(kind, post), {"page": country.pk}, follow=True)
    assert "Post submitted to the editors" in response.content.decode()
    assert country.live_channel.posts.get().status == "submitted"


@pytest.mark.parametrize("page", ["", "x", "²", "9" * 40, "-1"])
def test_odd_choices(client, reporter, post, country, page):
    client.force_login(reporter)
    response = client.post(place_url("share", post), {"page": page, "token": "\x00"})
    assert response.status_code == 422
    assert "Choose a live blog." in response.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_private_post_takes_a_confirmation(client, reporter, post, country, kind):
    restrict(post.channel.page)
    client.force_login(reporter)
    data = {"page": country.pk, "token": uuid4()}
    response = client.post(place_url(kind, post), data)
    assert response.status_code == 422
    html = response.content.decode()
    assert "Confirm that they may see the post" in html
    assert 'name="confirm"' in html
    assert not country.live_channel.posts.exists()
    client.post(place_url(kind, post), {**data, "confirm": "1"})
    assert country.live_channel.posts.get().show


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_publish_both_can_confirm_nothing(
    client, post, country, writer_of_both, kind
):
    restrict(post.channel.page)
    client.force_login(writer_of_both)
    data = {"page": country.pk, "confirm": "1"}
    response = client.post(place_url(kind, post), data)
    assert "Only users who may publish both pages" in response.content.decode()
    assert 'name="confirm"' not in response.content.decode()
    assert not country.live_channel.posts.exists()


def test_a_post_of_another_page_is_not_found(client, reporter, post, country):
    client.force_login(reporter)
    path = reverse("wagtail_live_connections:share", args=[country.pk, post.pk])
    assert client.get(path).status_code == 404
    assert client.post(path, {"page": post.channel.page_id}).status_code == 404


def test_deleted_meanwhile(client, reporter, post, country):
    client.force_login(reporter)
    made = share(post, country.live_channel, actor=SYSTEM, message_id=str(uuid4()))
    posts.delete(made.channel, made, actor=SYSTEM)
    data = {"page": country.pk, "token": made.message_id}
    response = client.post(place_url("share", post), data)
    assert response.status_code == 410
    client.post(place_url("share", post), {"page": country.pk, "token": uuid4()})
    assert country.live_channel.posts.get().text == "A tree fell"


def test_pages_that_have_the_post_are_not_offered(
    client, reporter, post, country, third
):
    made = share(post, country.live_channel, actor=SYSTEM)
    client.force_login(reporter)
    for path in (place_url("share", post), place_url("share", made)):
        offered = client.get(path).content.decode().partition("<fieldset")[2]
        assert "Third" in offered
        assert "The country today" not in offered
        assert "Storm in the north" not in offered
    offered = client.get(place_url("copy", post)).content.decode()
    assert "The country today" in offered.partition("<fieldset")[2]


def test_where_a_post_is_shared(client, post, north, country, third):
    share(post, country.live_channel, actor=SYSTEM)
    made = share(post, third.live_channel, actor=SYSTEM)
    posts.hide(made.channel, made, actor=SYSTEM)
    restrict(country)
    third.unpublish()
    client.force_login(user_who_may(north, "change_page", "publish_page"))
    html = client.get(place_url("share", post)).content.decode()
    assert "The country today" not in html
    assert ">Third<" not in html
    assert html.count("Another page") == 2
    assert "hidden here" in html


def test_a_notice_names_only_pages_that_the_user_may_know(
    client, post, north, country, reporter
):
    restrict(north)
    post = LivePost.objects.get(pk=post.pk)
    share(post, country.live_channel, actor=reporter, is_confirmed=True)
    client.force_login(user_who_may(country, "change_page", "publish_page"))
    html = client.get(url("index", country)).content.decode()
    assert "This post follows its original on another page." in html
    assert "Storm in the north" not in html


@pytest.fixture
def issue(north, country):
    def issue(*pages, **fields):
        channels = [page.live_channel for page in pages or (north, country)]
        return ApiToken.objects.issue(channels, **{"name": "Test", **fields})[1]

    return issue


@pytest.fixture
def api(client, north, issue):
    return Caller(client, north.channel_id, issue())


def call(api, post, data=None, **headers):
    method = "get" if data is None else "post"
    return api(method, f"posts/{post.pk}/shares/", data, **headers)


def test_the_api_shares_and_copies(api, post, country):
    body = {"channel": country.channel_id}
    response = call(api, post, body)
    assert response.status_code == 201
    made = response.json()
    assert made["content"][0]["value"] == "<p>A tree fell</p>"
    assert response["Location"].endswith(
        f"channels/{country.channel_id}/posts/{made['id']}/"
    )
    assert call(api, post, body).json()["id"] == made["id"]
    [listed] = call(api, post).json()["shares"]
    assert (listed["channel"], listed["post"]) == (country.channel_id, made["id"])
    copied = [
        call(api, post, {**body, "kind": "copy"}, **{"Idempotency-Key": "1"})
        for _ in range(2)
    ]
    assert copied[0].json()["id"] == copied[1].json()["id"] != made["id"]
    assert copied[1]["Idempotency-Replayed"] == "true"
    assert len(call(api, post).json()["shares"]) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"channel": "x"}, {"channel": "\x00"}, {"channel": 1, "kind": "move"}],
)
def test_the_api_refuses_bad_input(api, post, body):
    assert call(api, post, body).status_code == 400


def test_the_api_needs_a_token_for_both_pages(
    client, post, north, country, third, issue, reporter
):
    for secret, status in (
        (None, 401),
        ("wlt_unknown", 401),
        (issue(third), 404),
        (issue(country), 404),
        (issue(north), 400),
        (issue(user=user_who_may(north, "publish_page", name="here")), 400),
        (issue(user=user_who_may(country, "publish_page", name="there")), 404),
    ):
        api = Caller(client, north.channel_id, secret)
        response = call(api, post, {"channel": country.channel_id})
        assert response.status_code == status
        assert "tree" not in response.content.decode()
    assert not country.live_channel.posts.exists()
    api = Caller(client, north.channel_id, issue(user=reporter, may_publish=False))
    response = call(api, post, {"channel": country.channel_id})
    assert response.json()["status"] == "submitted"


def test_the_api_lists_only_pages_of_the_token(client, post, north, country, issue):
    share(post, country.live_channel, actor=SYSTEM)
    api = Caller(client, north.channel_id, issue(north))
    assert call(api, post).json() == {"shares": []}
    assert call(Caller(client, north.channel_id), post).status_code == 401
    outsider = Caller(client, country.channel_id, issue(country))
    assert call(outsider, post).status_code == 404


def test_the_api_confirms_as_the_desk_does(client, api, post, north, country, issue):
    restrict(north)
    body = {"channel": country.channel_id}
    response = call(api, post, body)
    assert response.status_code == 409
    assert "Confirm" in response.json()["detail"]
    only_drafts = Caller(client, north.channel_id, issue(may_publish=False))
    assert call(only_drafts, post, {**body, "confirm": True}).status_code == 409
    assert call(api, post, {**body, "confirm": True}).status_code == 201


def test_drafts_are_refused(api, post, country):
    posts.hide(post.channel, post, actor=SYSTEM)
    assert call(api, post, {"channel": country.channel_id}).status_code == 409


def test_the_description_of_the_api(client, api, north, country):
    post = posts.publish(north.live_channel, "<p>Calm</p>", actor=SYSTEM)
    document = client.get("/wagtail_live/api/v1/openapi.json").json()
    path = document["paths"]["/channels/{channel_id}/posts/{post_id}/shares/"]
    schemas = document["components"]["schemas"]
    assert schemas["NewShare"]["properties"].keys() == {"channel", "kind", "confirm"}
    responses = [
        ("post", "201", call(api, post, {"channel": country.channel_id})),
        ("get", "200", call(api, post)),
    ]
    for method, status, response in responses:
        [content] = path[method]["responses"][status]["content"].values()
        schema = {**content["schema"], "components": document["components"]}
        Draft202012Validator(schema).validate(response.json())
