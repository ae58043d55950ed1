"""Authors with a role, a picture and a page, and corrections: on the page, in feeds, in
structured data and on the desk."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F
from django.template import Context, Template
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.admin.desk.requests import form_data, url
from tests.page.test_feeds import ATOM, feed
from tests.page.vocabulary import find_errors
from wagtail_live import conf, posts
from wagtail_live.models import LivePost, PostAuthor
from wagtail_live.page import rendering
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db

NOTE = "We first wrote 168 kilograms. It is 186."


def get_profiles(users):
    """The site's setting: everybody but Ann is in its directory."""
    return {
        user.pk: {
            "role": f"{user.username}'s role",
            "url": f"/people/{user.username}/",
            "picture": f"/media/{user.username}.jpg",
        }
        for user in users
        if user.username != "ann"
    }


@pytest.fixture(autouse=True)
def profiles(settings):
    settings.WAGTAIL_LIVE_AUTHOR_PROFILES = f"{__name__}.get_profiles"


@pytest.fixture
def people():
    create = get_user_model().objects.create_user
    return [create(name) for name in ("ann", "bob", "eve")]


@pytest.fixture
def post(match_page, people):
    ann, bob, eve = people
    return posts.publish(
        match_page.live_channel,
        "<p>It weighs 168 kilograms</p>",
        title="The payload",
        author=bob,
        author_name="Bob",
        coauthors=[PostAuthor("Eve", eve), PostAuthor("Ann", ann), PostAuthor("dpa")],
        actor=SYSTEM,
    )


@pytest.fixture
def corrected(match_page, post):
    content = "<p>It weighs 186 kilograms</p>"
    return posts.edit(
        match_page.live_channel, post, content=content, correction=NOTE, actor=SYSTEM
    )


def read_structured_data(client, page):
    html = client.get(page.url).content.decode()
    [script] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    return json.loads(script)


def test_readers_see_roles_pictures_and_links(post):
    html = rendering.render_post(post)
    assert '<a\n  href="/people/bob/" rel="author">Bob</a>' in html
    assert 'src="/media/eve.jpg"' in html
    assert "bob&#x27;s role" in html
    assert "/people/ann/" not in html
    assert html.index("Bob") < html.index("Eve") < html.index("Ann") < html.index("dpa")


def read_profiles(users):
    """The site's setting: a directory in the database, which has the users' roles."""
    people = get_user_model().objects.filter(pk__in={user.pk for user in users})
    roles = people.annotate(role=F("first_name")).values_list("pk", "role")
    return {key: {"role": role} for key, role in roles}


def test_profiles_of_a_whole_page_are_read_together(
    client, match_page, post, people, settings
):
    settings.WAGTAIL_LIVE_AUTHOR_PROFILES = f"{__name__}.read_profiles"
    for user in people:
        user.first_name = f"Role of {user.username}"
        user.save()
    for number in range(10):
        posts.publish(
            match_page.live_channel,
            "<p>Post</p>",
            author=people[number % 3],
            author_name="Someone",
            coauthors=[PostAuthor("Eve", people[2])],
            actor=SYSTEM,
        )
    client.get(match_page.url)
    with CaptureQueriesContext(connection) as queries:
        html = client.get(match_page.url).content.decode()
    assert len([query for query in queries if ' AS "role"' in query["sql"]]) == 1
    assert len(queries) <= 14
    assert all(f"Role of {user.username}" in html for user in people)


def test_a_wrong_path_of_a_function():
    for path in ("nowhere.function", 3, "tests.page.test_feeds.ATOM"):
        setting = override_settings(WAGTAIL_LIVE_AUTHOR_PROFILES=path)
        with setting, pytest.raises(ImproperlyConfigured):
            conf.get_author_profiles()


def test_a_correction_is_shown_with_its_time(match_page, corrected):
    html = rendering.render_post(corrected)
    assert f"<strong>Correction:</strong> {NOTE}" in html
    assert corrected.corrected_at == corrected.modified
    shown_at = corrected.corrected_at
    edit = posts.edit
    edited = edit(match_page.live_channel, corrected, title="Weight", actor=SYSTEM)
    assert edited.modified > edited.corrected_at == shown_at
    edited = edit(match_page.live_channel, corrected, correction="", actor=SYSTEM)
    assert edited.corrected_at is None
    assert "Correction" not in rendering.render_post(edited)


def test_feeds_have_corrections_and_pages_of_authors(client, match_page, corrected):
    [item] = feed(client, match_page, "json").json()["items"]
    assert NOTE in item["content_html"]
    assert item["authors"][0] == {
        "name": "Bob",
        "url": "http://testserver/people/bob/",
        "avatar": "http://testserver/media/bob.jpg",
    }
    root = ElementTree.fromstring(feed(client, match_page, "atom").content)
    entry = root.find(f"{ATOM}entry")
    assert NOTE in entry.findtext(f"{ATOM}content")
    uris = [author.findtext(f"{ATOM}uri") for author in entry.findall(f"{ATOM}author")]
    people = "http://testserver/people"
    assert uris == [f"{people}/bob/", f"{people}/eve/", None, None]


def test_structured_data_has_the_shapes_of_schema_org(client, match_page, corrected):
    data = read_structured_data(client, match_page)
    assert list(find_errors(data)) == []
    [update] = data["liveBlogUpdate"]
    assert update["author"][0] == {
        "@type": "Person",
        "name": "Bob",
        "jobTitle": "bob's role",
        "url": "http://testserver/people/bob/",
        "image": "http://testserver/media/bob.jpg",
    }
    correction = update["correction"]
    assert (correction["@type"], correction["text"]) == ("CorrectionComment", NOTE)
    assert correction["datePublished"] == update["dateModified"]


def test_images_have_captions_and_credits(client, match_page, media_root):
    image = get_image_model().objects.create(
        title="Ball", file=get_test_image_file(size=(1500, 900))
    )
    block = {"image": image.pk, "caption": "The ball", "credit": "dpa"}
    stream = LivePost._meta.get_field("content").stream_block
    value = stream.child_blocks["image"].to_python(block)
    match_page.add_live_post([("image", image), ("image", value)])
    data = read_structured_data(client, match_page)
    assert list(find_errors(data)) == []
    plain, described = data["liveBlogUpdate"][0]["image"]
    assert plain.startswith("http://")
    assert (described["caption"], described["creditText"]) == ("The ball", "dpa")


def test_open_graph_names_the_page_of_each_author(match_page, corrected, rf):
    request = rf.get(f"/?post={corrected.pk}")
    template = Template("{% load wagtail_live_tags %}{% live_head page %}")
    html = template.render(Context({"page": match_page, "request": request}))
    urls = re.findall(r'property="article:author" content="([^"]+)"', html)
    assert urls == [f"http://testserver/people/{name}/" for name in ("bob", "eve")]
    assert re.search(r'property="article:modified_time" content="20\d\d-', html)


@pytest.mark.parametrize(
    "wrong",
    [
        {"@type": "Person"},
        {"@type": "LiveBlogPosting", "corrections": "x"},
        {"@type": "LiveBlogPosting", "url": "/match/"},
        {"@type": "LiveBlogPosting", "datePublished": "2026-11-30T12:00:00"},
        {"@type": "LiveBlogPosting", "author": {"@type": "VideoObject"}},
    ],
)
def test_wrong_shapes_are_found(wrong):
    assert list(find_errors(wrong))


def test_a_reporter_corrects_on_the_desk(admin_client, match_page, post):
    form = admin_client.get(url("form", match_page, post.pk)).json()["html"]
    assert 'name="post-' in form
    assert "-correction" in form
    data = form_data("<p>It weighs 186 kilograms</p>", post=post, action="save")
    prefix = f"post-{post.pk}"
    response = admin_client.post(
        url("save", match_page, post.pk), {**data, f"{prefix}-correction": NOTE}
    )
    assert response.status_code == 200, response.content
    post.refresh_from_db()
    assert post.correction == NOTE
    # A form from before, which has no such field, leaves it as it is.
    data = form_data("<p>About 186 kilograms</p>", post=post, action="save")
    assert admin_client.post(url("save", match_page, post.pk), data).status_code == 200
    post.refresh_from_db()
    assert (post.text, post.correction) == ("About 186 kilograms", NOTE)


def test_a_draft_has_nothing_to_correct(admin_client, match_page):
    draft = posts.publish(
        match_page.live_channel, "<p>Draft</p>", show=False, actor=SYSTEM
    )
    form = admin_client.get(url("form", match_page, draft.pk)).json()["html"]
    assert "-correction" not in form


def test_an_old_version_is_restored_with_its_correction(match_page, corrected):
    versions = corrected.revisions.order_by("pk")
    channel = match_page.live_channel
    post = posts.revert(channel, corrected, versions[0], actor=SYSTEM)
    assert (post.correction, post.corrected_at) == ("", None)
    post = posts.revert(channel, post, versions[1], actor=SYSTEM)
    assert LivePost.objects.get().correction == NOTE
