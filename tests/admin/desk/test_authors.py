"""The authors of posts: who can be one, who may choose one, and where they are shown."""

import json
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.users.models import UserProfile

from tests.admin.desk.requests import (
    form_data,
    list_authors,
    the_post,
    url,
    user_who_may,
)
from tests.receivers.image_files import make_image
from wagtail_live import posts
from wagtail_live.models import PostAuthor
from wagtail_live.page.structured_data import get_structured_data
from wagtail_live.permissions import SYSTEM, OnlyOwnName

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def named(user, first, last, picture=True):
    user.first_name, user.last_name = first, last
    user.save()
    if picture:
        avatar = UserProfile.get_for_user(user).avatar
        avatar.save(f"{first}.png", ContentFile(make_image("PNG")))
    return user


@pytest.fixture
def bob(match_page):
    return named(user_who_may(match_page, "change_page", name="bob"), "Bob", "Jones")


@pytest.fixture
def stranger(db):
    return get_user_model().objects.create_user("stranger", first_name="Bob")


def authors(*others, author=None, name=""):
    stored = [PostAuthor(each, user).to_json() for each, user in others]
    return {
        "author": str(author.pk) if author else "",
        "author_name": name,
        "coauthors": json.dumps(stored),
    }


def save(client, page, post=None, **fields):
    name = ("save", page, post.pk) if post else ("add", page)
    return client.post(url(*name), form_data(post=post, **fields))


def test_an_editor_posts_as_another_person(client, publisher, match_page, bob):
    response = save(client, match_page, **authors(author=bob, name="Bob Jones"))
    post = the_post()
    assert (post.author, post.byline) == (bob, "Bob Jones")
    assert "Bob Jones" in response.json()["post"]["html"]
    assert bob.wagtail_userprofile.avatar.url in response.json()["post"]["html"]
    assert post.latest_revision.user == publisher


def test_an_editor_types_a_byline(client, publisher, match_page):
    save(client, match_page, **authors(name="Reuters"))
    assert (the_post().author, the_post().byline) == (None, "Reuters")
    assert not the_post().author_avatar


@pytest.mark.every_database
def test_several_authors_are_shown_in_order(client, publisher, match_page, bob):
    others = [("Reuters", None), ("Bob Jones", bob)]
    save(client, match_page, **authors(*others, author=publisher, name="Ann"))
    assert list_authors(the_post()) == [("Ann", publisher), *others]
    page = client.get(match_page.url).content.decode()
    assert page.index("Ann") < page.index("Reuters") < page.index("Bob Jones")
    assert bob.wagtail_userprofile.avatar.url in page


def test_nobody_posts_as_a_stranger(client, publisher, match_page, stranger):
    for fields in (
        authors(author=stranger, name="Bob"),
        authors(("Bob", stranger), author=publisher, name="Ann"),
    ):
        response = save(client, match_page, **fields)
        assert response.status_code == 422
        assert "Choose an author who may write on this page" in response.json()["html"]
    assert not match_page.live_channel.posts.exists()


def test_a_reporter_posts_in_their_own_name_only(client, drafter, match_page, bob):
    named(drafter, "Rita", "Roe")
    own = authors(author=drafter, name="Rita Roe")
    assert save(client, match_page, action="submit", **own).status_code == 200
    for fields in (
        authors(author=bob, name="Bob Jones"),
        authors(author=bob),
        authors(author=drafter, name="Bob Jones"),
        authors(name="Bob Jones"),
        authors(("Bob Jones", bob), author=drafter, name="Rita Roe"),
        {"author_name": "Bob Jones"},
    ):
        response = save(client, match_page, action="submit", **fields)
        assert response.status_code == 403, fields
        assert "under your own name" in response.json()["error"]
    assert the_post().author == drafter
    response = save(client, match_page, the_post(), action="save", **fields)
    assert response.status_code == 403
    assert the_post().byline == "Rita Roe"


def test_a_reporter_keeps_the_author_that_an_editor_chose(
    client, drafter, match_page, bob
):
    post = posts.publish(
        match_page.live_channel,
        "<p>Draft</p>",
        show=False,
        author=bob,
        author_name="Bob Jones",
        actor=SYSTEM,
    )
    fields = authors(author=bob, name="Bob Jones")
    response = save(
        client, match_page, post, action="save", text="<p>New</p>", **fields
    )
    assert response.status_code == 200
    assert (the_post().text, the_post().author) == ("New", bob)


def test_the_writer_checks_the_name(match_page, drafter, bob):
    channel = match_page.live_channel
    with pytest.raises(OnlyOwnName):
        posts.publish(channel, "A", show=False, author=bob, actor=drafter)
    post = posts.publish(channel, "A", show=False, author=drafter, actor=drafter)
    for fields in (
        {"author": bob},
        {"author_name": "Bob"},
        {"coauthors": [PostAuthor("Bob")]},
    ):
        with pytest.raises(OnlyOwnName):
            posts.edit(channel, post, actor=drafter, **fields)


def test_the_author_of_a_published_post_is_an_update(
    client, publisher, match_page, bob
):
    save(client, match_page, **authors(author=publisher, name="Ann"))
    before = match_page.last_updated_at
    save(client, match_page, the_post(), **authors(author=bob, name="Bob Jones"))
    updated, _ = match_page.get_updates_since(before)
    assert "Bob Jones" in updated[str(the_post().pk)]["content"]


@pytest.mark.every_database
def test_a_version_has_its_authors(match_page, publisher, bob):
    channel = match_page.live_channel
    both = [PostAuthor("Ann", publisher)]
    fields = {"author": bob, "author_name": "Bob", "coauthors": both}
    post = posts.publish(channel, "A", actor=publisher, **fields)
    first = post.latest_revision
    posts.edit(channel, post, author=None, author_name="C", coauthors=[], actor=SYSTEM)
    reverted = posts.revert(channel, post, first, actor=publisher)
    assert list_authors(reverted) == [("Bob", bob), ("Ann", publisher)]


@pytest.mark.every_database
def test_a_deleted_post_comes_back_with_its_authors(match_page, publisher, bob):
    channel = match_page.live_channel
    post = posts.publish(
        channel,
        "A",
        author_name="Ann",
        coauthors=[PostAuthor("Bob", bob)],
        actor=SYSTEM,
    )
    snapshot = json.loads(json.dumps(posts.delete(channel, post, actor=SYSTEM)))
    bob.delete()
    restored = posts.restore(channel, snapshot, actor=SYSTEM)
    assert list_authors(restored) == [("Ann", None), ("Bob", None)]


@pytest.fixture
def find(client, match_page):
    def find(words):
        response = client.get(url("find_authors", match_page), {"q": words})
        return [each["name"] for each in response.json()["people"]]

    return find


def test_people_are_found_by_parts_of_their_names(publisher, bob, stranger, find):
    assert find("bob") == find("ones") == find("jones BO") == ["Bob Jones"]
    assert find("nobody") == []
    assert sorted(find("")) == ["Bob Jones", "editor"]


def test_only_those_who_may_choose_can_search(client, drafter, match_page):
    response = client.get(url("find_authors", match_page), {"q": "bob"})
    assert response.status_code == 403


def test_inactive_people_are_not_found(publisher, bob, find):
    bob.is_active = False
    bob.save()
    assert find("bob") == []


def test_the_search_takes_the_same_queries_for_many(
    client, publisher, match_page, bob, find
):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert find("o")
        return len(queries)

    find("o")
    before = count()
    for number in range(5):
        user = user_who_may(match_page, "change_page", name=f"writer {number}")
        named(user, "Otto", str(number))
    assert count() == before


def test_pictures_take_no_further_queries(client, publisher, match_page):
    channel = match_page.live_channel

    def add(number):
        users = [
            named(
                user_who_may(match_page, "change_page", name=f"{role}{number}"),
                role,
                str(number),
            )
            for role in ("writer", "camera")
        ]
        posts.publish(
            channel,
            "A",
            author=users[0],
            author_name="Writer",
            coauthors=[PostAuthor("Camera", users[1])],
            actor=SYSTEM,
        )

    def count(path):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = [
        match_page.url,
        url("posts", match_page),
        f"/wagtail_live/feed/{channel.channel_id}/json/",
        f"/wagtail_live/api/v1/channels/{channel.channel_id}/posts/",
    ]
    add(0)
    before = [count(path) for path in paths]
    for number in range(1, 5):
        add(number)
    assert [count(path) for path in paths] == before


def test_feeds_and_structured_data_name_all_authors(client, match_page, bob):
    channel = match_page.live_channel
    posts.publish(
        channel,
        "A",
        author=bob,
        author_name="Bob",
        coauthors=[PostAuthor("Reuters")],
        actor=SYSTEM,
    )
    picture = f"http://localhost{bob.wagtail_userprofile.avatar.url}"
    root = f"/wagtail_live/feed/{channel.channel_id}"
    [item] = client.get(f"{root}/json/").json()["items"]
    assert [each["name"] for each in item["authors"]] == ["Bob", "Reuters"]
    assert item["authors"][0]["avatar"].endswith(bob.wagtail_userprofile.avatar.url)
    feed = ElementTree.fromstring(client.get(f"{root}/atom/").content)
    names = feed.findall(f"{ATOM}entry/{ATOM}author/{ATOM}name")
    assert [name.text for name in names] == ["Bob", "Reuters"]
    data = get_structured_data(match_page, channel, list(channel.posts.all()))
    expected = [
        {"@type": "Person", "name": "Bob", "image": picture},
        {"@type": "Person", "name": "Reuters"},
    ]
    assert data["author"] == data["liveBlogUpdate"][0]["author"] == expected


def test_a_hidden_name_hides_the_picture(client, match_page, bob):
    channel = match_page.live_channel
    posts.publish(channel, "A", author=bob, actor=SYSTEM)
    picture = bob.wagtail_userprofile.avatar.url
    for path in (match_page.url, f"/wagtail_live/feed/{channel.channel_id}/json/"):
        assert picture not in client.get(path).content.decode()


@pytest.mark.every_database
def test_the_author_filter_finds_posts_written_with_others(
    client, publisher, match_page, bob
):
    channel = match_page.live_channel
    posts.publish(channel, "Alone", author=bob, actor=SYSTEM)
    others = [PostAuthor('"user": "1"', None), PostAuthor("Bob", bob)]
    posts.publish(channel, "Together", author_name="A", coauthors=others, actor=SYSTEM)
    posts.publish(channel, "Elsewhere", author=publisher, actor=SYSTEM)
    html = client.get(url("posts", match_page), {"author": bob.pk}).json()["html"]
    assert "Alone" in html
    assert "Together" in html
    assert "Elsewhere" not in html


@pytest.mark.parametrize(
    "value", ["[", "{}", '"a"', '[{"user": "1"}]', '[{"name": 1}]', "[1]", "[[]]"]
)
def test_data_that_no_form_sends_is_refused(client, publisher, match_page, value):
    response = save(client, match_page, author_name="A", coauthors=value)
    assert response.status_code == 400
    response = save(client, match_page, author="x" * 20, author_name="A")
    assert response.status_code in (400, 422)
