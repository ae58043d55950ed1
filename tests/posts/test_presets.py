"""Presets: posts start with them on the desk, in the API and from messages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.checks import run_checks
from wagtail.blocks import CharBlock

from tests.admin.desk.requests import form_data, url
from tests.api.calling import Caller
from tests.receivers.events import RECEIVER, write
from tests.testapp.models import MatchPage, ScorePage
from wagtail_live.api.models import ApiToken
from wagtail_live.blocks import LivePostBlock
from wagtail_live.models import Policy, PostStatus, Source
from wagtail_live.presets import Preset
from wagtail_live.receivers.document import LineBreak, Paragraph, Text
from wagtail_live.receivers.intake import process
from wagtail_live.receivers.telegram.events import read_update

pytestmark = pytest.mark.django_db
TITLES = json.loads((Path(__file__).parent / "preset_titles.json").read_text())


class ScoreBlock(LivePostBlock):
    score = CharBlock()
    venue = CharBlock()


def read_score(page):
    stage = {
        field.name: field.value for field in page.get_stage_fields(page.live_channel)
    }
    return f"{stage['home']}:{stage['away']}"


WITH_SCORE = Preset(
    "score",
    "Score",
    title="Now {home}:{away}",
    blocks=[("score", read_score), "text", ("venue", "Wembley")],
    is_key_event=True,
    pin=True,
)


@pytest.mark.parametrize(("title", "stage", "filled"), TITLES)
def test_a_title_leaves_out_what_the_stage_does_not_know(title, stage, filled):
    assert Preset("goal", "Goal", title=title).fill_title(stage) == filled


@pytest.fixture
def page(home_page):
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    page.update_stage(home=2, away=1)
    return page


@pytest.fixture
def with_score(monkeypatch):
    monkeypatch.setattr(ScorePage, "live_post_block", ScoreBlock)
    monkeypatch.setattr(ScorePage, "live_presets", [WITH_SCORE])


@pytest.fixture
def api(page, client):
    _, secret = ApiToken.objects.issue([page.live_channel], name="Test")
    return Caller(client, page.channel_id, secret)


@pytest.fixture
def source(page):
    return Source.objects.create(
        receiver="newsroom",
        external_id="stand",
        channel=page.live_channel,
        allows_presets=True,
    )


def test_the_api_starts_a_post(api, page):
    added = api.add({"preset": "goal", "content": "<p>Ann scores</p>"}).json()
    assert (added["title"], added["is_key_event"]) == ("Goal! 2:1", True)
    own = {"preset": "goal", "content": "Oh", "title": "Oh!", "is_key_event": False}
    added = api.add(own).json()
    assert (added["title"], added["is_key_event"]) == ("Oh!", False)
    added = api.add({"preset": "result"}).json()
    assert added["content"][0]["value"] == "<p>The match is over.</p>"
    assert str(page.live_channel.pinned_post_id) == added["id"]
    api.add({"preset": "result", "show": False, "title": "Draft"})
    assert str(page.live_channel.pinned_post_id) == added["id"]


def test_the_api_names_the_presets(api, match_page, client):
    refused = api.add({"preset": "penalty", "content": "Goal"})
    assert refused.status_code == 400
    reason = "Unknown preset. Choose from: goal, quote, result."
    assert refused.json()["errors"] == {"preset": [reason]}
    assert api.add({"preset": "goal"}).json()["errors"].keys() == {"content"}
    _, secret = ApiToken.objects.issue([match_page.live_channel], name="Test")
    other = Caller(client, match_page.channel_id, secret)
    assert "has no presets" in other.add({"preset": "goal"}).content.decode()
    document = client.get("/wagtail_live/api/v1/openapi.json").json()
    assert "preset" in document["components"]["schemas"]["NewPost"]["properties"]
    types = {each["type"]: each for each in document["x-page-types"]}
    goal = types["testapp.ScorePage"]["presets"][0]
    assert (goal["name"], goal["title"]) == ("goal", "Goal! {home}:{away}")


def test_blocks_with_values(api, page, with_score):
    added = api.add({"preset": "score", "content": "<p>Ann</p>"}).json()
    assert [(each["type"], each["value"]) for each in added["content"]] == [
        ("score", "2:1"),
        ("text", "<p>Ann</p>"),
        ("venue", "Wembley"),
    ]
    exact = [{"type": "text", "value": "<p>Only this</p>"}]
    added = api.add({"preset": "score", "content": exact}).json()
    assert [each["type"] for each in added["content"]] == ["text"]


def test_a_repeated_request_keeps_the_score_of_the_first(api, page):
    request = {"preset": "goal", "content": "<p>Ann scores</p>"}
    headers = {"Idempotency-Key": "1"}
    first = api.add(request, **headers).json()
    page.update_stage(home=3)
    again = api.add(request, **headers)
    assert again.status_code == 201
    assert again.json()["title"] == first["title"] == "Goal! 2:1"


@pytest.mark.parametrize(
    "text", ["/goal Ann scores", "!Goal Ann scores", "/goal\nAnn scores"]
)
def test_a_message_starts_a_post(page, source, text):
    process(RECEIVER, write("1", 1, text))
    [post] = page.live_posts
    assert (post.title, post.text, post.is_key_event) == (
        "Goal! 2:1",
        "Ann scores",
        True,
    )
    process(RECEIVER, write("1", 2, text.replace("Ann", "Bo")))
    [post] = page.live_posts
    assert (post.title, post.text) == ("Goal! 2:1", "Bo scores")


def test_other_messages_are_as_before(page, source):
    for number, text in enumerate(("/penalty Ann", "/goals Ann", "A /goal"), start=1):
        process(RECEIVER, write(str(number), 1, text))
    assert [(post.title, post.text) for post in page.live_posts] == [
        ("", "A /goal"),
        ("", "/goals Ann"),
        ("", "/penalty Ann"),
    ]
    Source.objects.update(allows_presets=False)
    process(RECEIVER, write("9", 1, "/goal Ann"))
    assert page.live_posts[0].text == "/goal Ann"


def test_a_message_with_blocks(page, source, with_score):
    process(RECEIVER, write("1", 1, "/score Ann"))
    [post] = page.live_posts
    assert [str(child.value) for child in post.content] == [
        "2:1",
        "<p>Ann</p>",
        "Wembley",
    ]
    assert page.live_channel.pinned_post == post
    page.update_stage(home=9)
    process(RECEIVER, write("1", 2, "/score Bo"))
    [post] = page.live_posts
    assert post.text == "2:1 Bo Wembley"


def test_held_messages_and_commands_alone(page, source):
    source.policy = Policy.HOLD
    source.save()
    process(RECEIVER, write("1", 1, "/result"))
    process(RECEIVER, write("2", 1, "/goal"))
    result, goal = page.live_channel.posts.oldest_first()
    assert (result.status, result.title, result.text) == (
        PostStatus.SUBMITTED, "Full time", "The match is over.",
    )  # fmt: skip
    assert page.live_channel.pinned_post is None
    assert (goal.title, goal.text, goal.is_key_event) == ("", "Goal! 2:1", True)


def test_lines_and_commands_of_telegram(page, source):
    lines = Text("/goal"), LineBreak(), Text("Ann")
    process(RECEIVER, replace(write("1", 1, ""), body=(Paragraph(lines),)))
    message = {
        "message_id": 2, "date": 1_780_000_000, "chat": {"id": 1}, "from": {"id": 2},
        "text": "/goal@live_bot Bo",
        "entities": [{"type": "bot_command", "offset": 0, "length": 14}],
    }  # fmt: skip
    event = read_update({"update_id": 7, "message": message})
    process(RECEIVER, replace(event, external_id="stand"))
    assert {post.text for post in page.live_posts} == {"Ann", "Bo"}
    unknown = {**message, "message_id": 3, "text": "/weather@live_bot Bo"}
    event = read_update({"update_id": 8, "message": unknown})
    process(RECEIVER, replace(event, external_id="stand"))
    assert page.live_posts.count() == 2


def test_the_desk_shows_the_presets(page, admin_client):
    desk = admin_client.get(url("index", page)).content.decode()
    assert desk.count('data-preset="goal"') == 1
    assert "Start a post: Goal" in desk
    assert "<kbd>Q</kbd>" in desk
    start = {"title": "Goal! {home}:{away}", "stage": {"home": "2", "away": "1"}}
    found = desk.partition('data-start="')[2].partition('"')[0].replace("&quot;", '"')
    assert start.items() <= json.loads(found).items()
    form = admin_client.get(url("new_form", page)).json()["html"]
    assert 'data-preset="result"' in form
    sent = admin_client.post(url("add", page), form_data())
    post_id = sent.json()["post"]["id"]
    form = admin_client.get(url("form", page, post_id)).json()["html"]
    assert "data-preset" not in form


def test_the_source_offers_the_presets(page, match_page, admin_client, settings):
    backend = "wagtail_live.receivers.webhook.WebhookReceiver"
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "newsroom": {"BACKEND": backend, "OPTIONS": {"secret": "canary" * 8}}
    }
    data = {"receiver": "newsroom", "external_id": "stand", "policy": "publish"}
    data |= {"delay": "0", "thread_replies": "ignore", "allows_presets": "on"}
    form = admin_client.get(url("add_source", page)).content.decode()
    assert "/goal, /quote, /result" in form
    assert admin_client.post(url("add_source", page), data).status_code == 302
    assert Source.objects.get().allows_presets
    other = admin_client.get(url("add_source", match_page)).content.decode()
    assert "allows_presets" not in other


@pytest.mark.parametrize(
    ("presets", "problem"),
    [
        ("goal", "must be a list"),
        ([("goal", "Goal")], "is not a Preset"),
        ([Preset("Goal!", "Goal")], "must have small letters"),
        ([Preset("goal", "Goal"), Preset("goal", "Own goal")], "used twice"),
        ([Preset("goal", "Goal", key="n")], "that the desk doesn't use"),
        ([Preset("goal", "Goal", blocks=["score"])], "unknown block 'score'"),
        ([Preset("goal", "Goal", title="{guest}")], "{guest}"),
    ],
)
def test_wrong_presets_are_reported(monkeypatch, presets, problem):
    monkeypatch.setattr(ScorePage, "live_presets", presets)
    [message] = run_checks(tags=["wagtail_live"])
    assert (message.id, message.obj) == ("wagtail_live.E061", ScorePage)
    assert problem in message.msg


@pytest.mark.parametrize("block", [CharBlock, CharBlock(), "no.such.Block", 5, []])
def test_a_wrong_block_is_reported(monkeypatch, block):
    monkeypatch.setattr(MatchPage, "live_post_block", block)
    found = [each.id for each in run_checks() if each.obj is MatchPage]
    assert found == (["wagtail_live.E060"] if block != [] else [])
