"""Each page type has its own posts: on the desk, in the API, for readers and receivers."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import ReferenceIndex
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.admin.desk.requests import form_data, url, url_of_post
from tests.api.calling import Caller
from tests.posts.post_types import ArticleBlock, MatchBlock, an_instance
from tests.receivers.events import RECEIVER, write
from tests.testapp.models import LiveArticlePage, MatchPage, ScorePage
from wagtail_live import search
from wagtail_live.api.models import ApiToken
from wagtail_live.models import LivePost, SearchablePost, Source, get_post_block
from wagtail_live.receivers import composing
from wagtail_live.receivers.intake import process

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def types(monkeypatch):
    monkeypatch.setattr(MatchPage, "live_post_block", MatchBlock)
    path = "tests.posts.post_types.ArticleBlock"
    monkeypatch.setattr(LiveArticlePage, "live_post_block", path)


@pytest.fixture
def article(home_page):
    return home_page.add_child(instance=LiveArticlePage(title="News", slug="news"))


@pytest.fixture
def match(match_page):
    return match_page


@pytest.fixture
def image():
    file = get_test_image_file("goal.jpg")
    return get_image_model().objects.create(title="Goal", file=file)


def api_of(page, client):
    _, secret = ApiToken.objects.issue([page.live_channel], name="Test")
    return Caller(client, page.channel_id, secret)


def types_of(page):
    return list(get_post_block(page.live_channel).child_blocks)


def lose_score(monkeypatch):
    monkeypatch.setattr(MatchPage, "live_post_block", None)


def test_each_page_type_has_its_blocks(match, article, home_page, monkeypatch):
    score = home_page.add_child(instance=ScorePage(title="Cup", slug="cup"))
    assert types_of(article) == ["note", "body", "photo", "photos"]
    assert "score" in types_of(match)
    assert "score" not in types_of(score)
    monkeypatch.setattr(ScorePage, "live_post_block", an_instance)
    assert types_of(score) == ["line"]

    class CupPage(MatchPage):
        class Meta:
            abstract = True

    assert CupPage.live_post_block is MatchBlock


def test_a_post_is_read_with_the_block_of_its_page(match, article):
    match.add_live_post([("score", "2:1"), ("text", "<p>Goal</p>")])
    article.add_live_post("<p>Rain<script>x</script></p>")
    goal, rain = LivePost.objects.order_by("created")
    assert [child.block_type for child in goal.content] == ["score", "text"]
    assert [child.block_type for child in rain.content] == ["body"]
    assert (goal.text, rain.text) == ("2:1 Goal", "Rain")
    assert goal.latest_revision.as_object().content[0].value == "2:1"
    html = match.get_updates_since(timezone.now().replace(year=2000))[0]
    assert "2:1" in html[str(goal.pk)]["content"]
    with pytest.raises(ValueError, match="There is no block 'score'"):
        article.add_live_post([("score", "2:1")])
    edited = article.update_live_post(rain, content=[("note", "Dry")])
    assert edited.text == "Dry"


def test_the_type_of_many_posts_is_read_once(match):
    for number in range(5):
        match.add_live_post([("score", f"{number}:0")])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        scores = [post.text for post in match.live_posts]
    assert scores == ["4:0", "3:0", "2:0", "1:0", "0:0"]
    assert len(queries) == 2  # the channel and its posts
    entries = SearchablePost.get_indexed_objects().filter(channel__page=match)
    with CaptureQueriesContext(connection) as queries:
        assert len([entry.text for entry in entries]) == 5
    assert len(queries) == 1


def test_aliases_and_copies(match, home_page):
    match.add_live_post([("score", "2:1")])
    alias = match.create_alias(parent=home_page, update_slug="alias")
    assert [post.text for post in alias.specific.live_posts] == ["2:1"]
    copy = match.copy(update_attrs={"slug": "copy"})
    copy.add_live_post([("score", "0:0")])
    copy.move(match, pos="last-child")
    assert [post.text for post in MatchPage.objects.get(pk=copy.pk).live_posts] == [
        "0:0"
    ]


def test_the_desk_offers_the_blocks_of_the_page(match, article, admin_client):
    desk = admin_client.get(url("index", match)).content.decode()
    other = admin_client.get(url("index", article)).content.decode()
    assert 'data-insert="score"' in desk
    assert 'data-insert="body"' not in desk
    assert 'data-insert="body"' in other
    assert 'data-insert="score"' not in other
    assert 'data-insert="embed"' not in other
    content = streamfield([("note", "Late"), ("body", rich_text("<p>Rain</p>"))])
    data = nested_form_data({"content": content, "title": "", "author_name": ""})
    saved = admin_client.post(url("add", article), {**data, "action": "publish"})
    assert saved.status_code == 200
    [post] = article.live_posts
    assert post.text == "Late Rain"
    form = admin_client.get(url("form", article, post.pk)).json()["html"]
    assert "Late" in form
    preview = admin_client.post(url("preview_new", match), form_data("<p>Soon</p>"))
    assert "Soon" in preview.json()["preview"]


def test_the_api_takes_the_blocks_of_the_page(match, article, client):
    added = api_of(article, client).add({"content": "<p>Rain</p>"}).json()
    assert [block["type"] for block in added["content"]] == ["body"]
    refused = api_of(article, client).add(
        {"content": [{"type": "score", "value": "1"}]}
    )
    assert refused.status_code == 400
    assert "note, body, photo, photos" in str(refused.json())
    score = [{"type": "score", "value": "2:1"}]
    assert api_of(match, client).add({"content": score}).status_code == 201
    assert api_of(article, client).get().json()["page"]["type"] == (
        "testapp.LiveArticlePage"
    )
    document = client.get("/wagtail_live/api/v1/openapi.json").json()
    named = {each["type"]: each for each in document["x-page-types"]}
    found = [block["type"] for block in named["testapp.LiveArticlePage"]["blocks"]]
    assert found == ["note", "body", "photo", "photos"]
    schemas = document["components"]["schemas"]
    types = schemas["Block.testapp.MatchPage"]["allOf"][1]["properties"]["type"]["enum"]
    assert "score" in types


def test_messages_go_to_the_blocks_of_the_page(article, image, monkeypatch):
    """Text, images and galleries have other names here, and links are no embeds."""
    source = Source(receiver="newsroom", external_id="stand")
    source.channel = article.live_channel
    source.save()
    files = [("photo", image), ("photo", image)]
    monkeypatch.setattr(composing, "file_blocks", lambda messages, block: files)
    process(RECEIVER, write("1", 1, "Rain"))
    [post] = article.live_posts
    assert [child.block_type for child in post.content] == ["body", "photos"]
    process(RECEIVER, write("1", 2, "https://video.example/1"))
    [post] = article.live_posts
    assert [child.block_type for child in post.content] == ["body", "photos"]
    assert "https://video.example/1" in post.content[0].value.source


def test_feeds_search_and_references(match, article, client, image, django_user_model):
    match.add_live_post([("score", "Two to one"), ("image", image)])
    article.add_live_post([("photo", image), ("note", "Thunder")])
    for page, words in ((match, "Two to one"), (article, "Thunder")):
        for kind in ("atom", "json"):
            feed = client.get(f"/wagtail_live/feed/{page.channel_id}/{kind}/")
            assert words in feed.content.decode()
        [post] = page.live_posts
        search.index_posts([post.pk])
        assert list(search.search(page.live_channel, words.split()[0])) == [post.pk]
        assert words in page.get_live_posts_text()
    used = ReferenceIndex.get_references_to(image)
    assert {reference.describe_source_field() for reference in used} == {
        "Content → Image",
        "Content → Photo",
    }


def test_a_block_that_was_removed_is_kept(match, admin_client, client, monkeypatch):
    post = match.add_live_post([("score", "two to one"), ("text", "<p>Goal</p>")])
    before = post.content.get_prep_value()
    lose_score(monkeypatch)
    read = LivePost.objects.get()
    assert [child.block_type for child in read.content] == ["score", "text"]
    assert read.text == "Goal"
    assert "two to one" not in admin_client.get(match.url).content.decode()
    form = admin_client.get(url("form", match, post.pk)).json()["html"]
    assert "It is kept, and readers don" in form
    assert "two to one" not in form
    assert 'data-insert="score"' not in form

    # The form that a browser sends: it can't write into the block, but delete it.
    stream = {
        "count": "2",
        "0-type": "score", "0-order": "0", "0-deleted": "", "0-id": before[0]["id"],
        "0-value": "<script>",
        "1-type": "text", "1-order": "1", "1-deleted": "", "1-id": before[1]["id"],
        "1-value": rich_text("<p>Goal!</p>"),
    }  # fmt: skip
    data = form_data(text="", post=read, action="save")
    data |= {f"post-{post.pk}-content-{name}": value for name, value in stream.items()}
    assert admin_client.post(url("save", match, post.pk), data).status_code == 200
    saved = LivePost.objects.get()
    assert saved.text == "Goal!"
    assert saved.content.get_prep_value()[0] == before[0]

    ends = "earliest", "latest"
    compared = admin_client.get(url_of_post("compare", post, *ends)).content.decode()
    assert "Goal<span" in compared

    api = api_of(match, client)
    [kept, text] = api.get(f"posts/{post.pk}/").json()["content"]
    assert kept == {"id": before[0]["id"], "type": "score", "value": None, "kept": True}
    text["value"] = "<p>Goal?</p>"
    assert api.edit(post.pk, {"content": [kept, text]}).status_code == 200
    invented = {"type": "score", "value": "<script>"}
    assert api.edit(post.pk, {"content": [invented, text]}).status_code == 400
    match.update_live_post(LivePost.objects.get(), show=False)
    monkeypatch.setattr(MatchPage, "live_post_block", MatchBlock)
    assert LivePost.objects.get().content[0].value == "two to one"
    lose_score(monkeypatch)
    assert api.edit(post.pk, {"content": [text]}).status_code == 200
    assert [child.block_type for child in LivePost.objects.get().content] == ["text"]


def test_content_of_another_page_type_is_kept(match, article):
    """A post that is copied to another page loses nothing."""
    post = match.add_live_post([("score", "2:1"), ("text", "<p>Goal</p>")])
    copied = article.add_live_post(post.content)
    assert copied.text == ""
    assert [child["value"] for child in copied.content.get_prep_value()] == [
        child["value"] for child in post.content.get_prep_value()
    ]
    back = match.add_live_post(LivePost.objects.get(pk=copied.pk).content)
    assert back.text == "2:1 Goal"


def test_changing_the_blocks_needs_no_migration(monkeypatch):
    for block in (MatchBlock, ArticleBlock, None):
        monkeypatch.setattr(MatchPage, "live_post_block", block)
        output = StringIO()
        call_command("makemigrations", check_changes=True, dry_run=True, stdout=output)
        assert "No changes detected" in output.getvalue()
