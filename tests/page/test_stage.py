"""The stage: the page itself above the posts, sent to readers when it changes."""

import json
from datetime import timedelta

import pytest
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.template import Context, Template
from django.utils import timezone

from tests.testapp.models import MatchPage, ScorePage
from wagtail_live import posts
from wagtail_live.delivery.histories import History
from wagtail_live.delivery.wire import WireFormat
from wagtail_live.page import updates
from wagtail_live.page.element import get_minute
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

WITH_STAGE = [form for form in WireFormat if form.has_overview]
WITHOUT = [form for form in WireFormat if not form.has_overview]


@pytest.fixture
def page(home_page):
    return home_page.add_child(instance=ScorePage(title="Final", slug="final"))


def ask(page, since, wire_format=WireFormat.DELTA_WITH_OVERVIEW):
    answer = History().answer(page.live_channel, since, wire_format)
    _, _, data = answer.body.partition(b"{")
    return json.loads(b"{" + data) if data else {}


def publish(page, title):
    page.title = title
    page.save_revision().publish()


@pytest.mark.parametrize("wire_format", WITH_STAGE)
def test_publishing_the_page_sends_its_stage_once(page, wire_format):
    page.update_stage(home=1, away=0)
    since = page.last_updated_at
    publish(page, "The final")
    answer = ask(page, since, wire_format)
    assert "1 : 0" in answer["stage"]
    assert (answer["title"], answer["documentTitle"]) == ("The final", "The final")
    assert answer["updates"] == {}
    assert "head" not in answer
    seen = page.last_updated_at
    assert seen > since
    page.add_live_post("Goal")
    assert "stage" not in ask(page, seen, wire_format)
    # Of several changes, a reader who was away gets the newest.
    page.update_stage(home=2)
    page.update_stage(home=3)
    answer = ask(page, seen, wire_format)
    assert "3 : 0" in answer["stage"]
    assert len(answer["updates"]) == 1


def test_publishing_sends_only_what_readers_do_not_have(page):
    created = page.last_updated_at
    publish(page, "Final")  # as it was created
    assert page.last_updated_at == created
    page.update_stage(home=1)
    since = page.last_updated_at
    page.search_description = "For search engines"
    publish(page, "Final")
    assert page.last_updated_at == since
    assert page.live_channel.stage_updated_at == since
    draft = ScorePage.objects.get()
    publish(page, "The final")
    changed = page.last_updated_at
    assert ask(page, since)["title"] == "The final"
    # Somebody may have opened the page in between.
    publish(draft, "Final")
    assert ask(page, changed)["title"] == "Final"
    since = page.last_updated_at
    page.touch_stage()  # what the template shows beside the page
    assert ask(page, since)["title"] == "Final"


def test_a_page_is_stored_together_with_the_change_of_its_stage(page, monkeypatch):
    since = page.last_updated_at

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(ScorePage, "prepare_stage", stop)
        with pytest.raises(KeyboardInterrupt):
            publish(page, "Final: over")
    assert ScorePage.objects.get().title == "Final"
    page.title = "Final: over"
    page.save()  # without a revision
    assert ask(page, since)["title"] == "Final: over"


def test_a_change_is_rendered_once(
    page, monkeypatch, django_capture_on_commit_callbacks
):
    rendered = []
    render = ScorePage.get_stage_fields

    def count(self, channel):
        rendered.append(channel.stage_values)
        return render(self, channel)

    monkeypatch.setattr(ScorePage, "get_stage_fields", count)
    since = page.last_updated_at
    history = History()
    history.answer(page.live_channel, since, WireFormat.DELTA)
    with django_capture_on_commit_callbacks(execute=True):
        page.update_stage(home=1)
    for wire_format in WITH_STAGE:
        answer = history.answer(page.live_channel, since, wire_format)
        assert "1 : 0" in answer.body.decode()
    assert rendered == [page.live_channel.stage_values]


@pytest.mark.parametrize("wire_format", WITHOUT)
def test_others_do_not_get_it(page, wire_format):
    since = page.last_updated_at
    page.touch_stage()
    assert "stage" not in ask(page, since, wire_format)


def test_a_reader_who_was_away_for_long_gets_it(page):
    since = page.last_updated_at
    page.update_stage(home=4)
    channel = page.live_channel
    channel.tombstones_purged_at = page.last_updated_at
    channel.save()
    answer = ask(page, since)
    assert "currentPosts" in answer
    assert "4 : 0" in answer["stage"]
    payload = updates.payload(page.live_channel, since, delta=True, overview=True)
    assert {key: payload[key] for key in answer} == answer


def test_a_draft_stays_with_its_editors(page, client):
    publish(page, "Final")
    since = page.last_updated_at
    page.title = "Final, called off"
    page.save_revision()
    page.touch_stage()
    assert ask(page, since)["title"] == "Final"
    page.get_latest_revision_as_object().touch_stage()
    assert ask(page, since)["title"] == "Final"
    assert "called off" not in client.get(page.url).content.decode()
    page = ScorePage.objects.get()
    page.title = "Final, called off"
    page.go_live_at = timezone.now() + timedelta(hours=1)
    page.save_revision().publish()  # later
    assert ask(page, since)["title"] == "Final"


def test_only_its_own_fields_are_accepted(page):
    with pytest.raises(ValidationError) as refused:
        page.update_stage(home=-1)
    assert "home" in refused.value.message_dict
    with pytest.raises(ValidationError, match="no such field"):
        page.update_stage(goals=1)
    cursor = page.last_updated_at
    page.update_stage(home=None)  # as it was
    page.update_stage()
    assert page.last_updated_at > cursor
    cursor = page.last_updated_at
    page.update_stage(period="")
    assert page.last_updated_at == cursor


def test_an_older_revision_does_not_bring_the_old_score_back(page):
    page.update_stage(home=0)
    old = page.save_revision()
    page.update_stage(home=1)
    old.publish()
    assert "1 : 0" in updates.render_stage(page.live_channel)["stage"]


def test_who_may_not_publish_may_not_set_it(page, django_user_model):
    stranger = django_user_model.objects.create_user("stranger")
    with pytest.raises(PermissionDenied):
        posts.touch_stage(page.live_channel, actor=stranger)
    with pytest.raises(PermissionDenied):
        posts.update_stage(page.live_channel, {"home": 1}, actor=stranger)


def test_a_page_without_a_stage_has_an_empty_one(match_page, client):
    html = client.get(match_page.url).content.decode()
    assert '<div class="live-blog__stage"></div>' in html
    with pytest.raises(ValidationError):
        match_page.update_stage(home=1)


def test_the_default_stage_lists_the_fields(match_page, monkeypatch):
    monkeypatch.setattr(MatchPage, "stage_form_class", ScorePage.stage_form_class)
    posts.update_stage(match_page.live_channel, {"home": 2}, actor=SYSTEM)
    html = updates.render_stage(match_page.live_channel)["stage"]
    assert '<dt>Home</dt><dd dir="auto">2</dd>' in html
    assert "Away" not in html


def test_an_alias_shows_the_stage_of_its_source(page, client):
    page.update_stage(home=7)
    alias = page.create_alias(update_slug="alias")
    assert "7 : 0" in client.get(alias.url).content.decode()


def test_a_change_while_the_page_is_served_is_not_missed(page, client, monkeypatch):
    """The page of a request is read before the channel, whose cursor the reader gets."""
    page.update_stage(home=1)
    serve = ScorePage.serve

    def serve_late(self, request, *args, **kwargs):
        publish(ScorePage.objects.get(pk=self.pk), "Final: over")
        return serve(self, request, *args, **kwargs)

    monkeypatch.setattr(ScorePage, "serve", serve_late)
    monkeypatch.setattr(ScorePage, "stage_template", "testapp/title.html")
    html = client.get(page.url).content.decode()
    assert '<p class="title">Final: over</p>' in html
    # The document still has the old title, which the script replaces.
    assert "<title>Final</title>" in html
    assert ' document-title="Final"' in html
    assert ' new-document-title="Final: over"' in html


def test_a_preview_shows_its_own_stage(page, monkeypatch):
    monkeypatch.setattr(ScorePage, "stage_template", "testapp/title.html")
    page.title = "Draft"
    html = page.make_preview_request().content.decode()
    assert '<p class="title">Draft</p>' in html


class StrictForm(forms.Form):
    """Fields of all kinds, of which two have to be filled."""

    home = forms.IntegerField(min_value=0)
    away = forms.IntegerField(min_value=0)
    period = forms.ChoiceField(choices=[("first", "First half"), ("second", "Second")])
    starts_at = forms.SplitDateTimeField(required=False)
    scorers = forms.MultipleChoiceField(choices=[(n, n) for n in "abc"], required=False)


@pytest.fixture
def strict(page, monkeypatch):
    monkeypatch.setattr(ScorePage, "stage_form_class", StrictForm)
    return page


def values_of(page):
    return {
        field.name: field.value for field in page.get_stage_fields(page.live_channel)
    }


def test_only_what_changes_has_to_be_valid(strict, monkeypatch):
    strict.update_stage(home=1)  # the others are missing
    strict.update_stage(away=0, period="second")
    monkeypatch.setattr(
        StrictForm.base_fields["period"], "choices", [("first", "First half")]
    )
    strict.update_stage(home=2)
    assert values_of(strict)["home"] == 2
    assert values_of(strict)["period"] in (None, "")
    with pytest.raises(ValidationError) as refused:
        strict.update_stage(period="second")
    assert list(refused.value.message_dict) == ["period"]
    with pytest.raises(ValidationError):
        strict.update_stage(away=None)


def test_fields_of_several_inputs_keep_their_value(strict):
    moment = timezone.now().replace(microsecond=0)
    strict.update_stage(starts_at=moment, scorers=["a", "c"])
    strict.update_stage(home=1)
    assert values_of(strict)["starts_at"] == moment
    assert values_of(strict)["scorers"] == ["a", "c"]
    strict.update_stage(starts_at=["2030-01-02", "15:00"])
    assert f"{values_of(strict)['starts_at']:%d %H}" == "02 15"
    strict.update_stage(starts_at=moment.isoformat(), scorers=[])
    assert values_of(strict)["starts_at"] == moment
    assert values_of(strict)["scorers"] == []
    with pytest.raises(ValidationError):
        strict.update_stage(starts_at="noon")


def test_a_template_that_fails_does_not_stop_the_posts(
    page, client, monkeypatch, caplog
):
    since = page.last_updated_at
    monkeypatch.setattr(ScorePage, "stage_template", "testapp/broken.html")
    page.update_stage(home=1)
    post = page.add_live_post("Goal")
    for wire_format in WITH_STAGE:
        answer = ask(page, since, wire_format)
        assert list(answer["updates"]) == [str(post.pk)]
        assert "stage" not in answer
    payload = updates.payload(page.live_channel, since, delta=True, overview=True)
    assert list(payload["updates"]) == [str(post.pk)]
    assert "The stage of page" in caplog.text
    assert "Goal" in client.get(page.url).content.decode()


def test_the_clock():
    now = timezone.now()
    started = now - timedelta(minutes=17, seconds=30)
    assert get_minute(started, 45, 90) == "63′"
    assert get_minute(started, 0, 15) == "15+3′"
    assert get_minute(now + timedelta(minutes=1), 0, None) == "1′"
    tag = "{% load wagtail_live_tags %}{% live_clock since %}"
    assert Template(tag).render(Context({"since": None})) == ""
    html = Template(tag).render(Context({"since": started}))
    assert ">18′</time>" in html
