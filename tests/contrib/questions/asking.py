"""Tests that test_questions.py runs in a process with other settings: readers."""

import re
from datetime import timedelta

import pytest
from django.core import checks
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from freezegun import freeze_time
from wagtail.models import Locale, Page, PageViewRestriction

from wagtail_live import cursors
from wagtail_live.contrib.questions.models import Question, QuestionBox
from wagtail_live.housekeeping import run_jobs
from wagtail_live.models import ChannelState
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import set_state

pytestmark = pytest.mark.django_db
BROWSER = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
SCRIPT = {**BROWSER, "Accept": "application/json"}


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def page(match_page):
    QuestionBox.objects.create(channel=match_page.live_channel, is_open=True)
    return match_page


@pytest.fixture
def fill(client, page):
    """Return the fields of a form that was opened a minute ago."""

    def fill(text="Who is on the bench?", name="", **others):
        with freeze_time(cursors.now() - timedelta(minutes=1)):
            html = client.get(page.url).content.decode()
        [started] = re.findall(r'name="started" value="([^"]+)"', html)
        return {"text": text, "name": name, "website": "", "started": started, **others}

    return fill


@pytest.fixture
def ask(fill, page):
    client = Client(enforce_csrf_checks=True)

    def ask(text="Who is on the bench?", headers=SCRIPT, environ=None, **fields):
        path = f"/wagtail_live/questions/{page.channel_id}/"
        return client.post(
            path, fill(text, **fields), headers=headers, **(environ or {})
        )

    return ask


def test_a_question_waits_and_appears_nowhere(ask, page, client):
    response = ask("Who is\non the bench?", name="Ann")
    assert response.status_code == 201
    assert "An editor will read" in response.json()["message"]
    assert not response.cookies
    question = Question.objects.get()
    assert (question.text, question.name) == ("Who is\non the bench?", "Ann")
    assert question.state == "waiting"
    assert not page.live_posts.exists()
    assert "on the bench" not in client.get(page.url).content.decode()


def test_nothing_about_the_sender_is_stored(ask):
    ask(environ={"REMOTE_ADDR": "198.51.100.7"})
    fields = {field.name for field in Question._meta.get_fields()}
    assert fields == {
        *("id", "channel", "text", "name", "state", "created_at", "answer"),
    }
    assert cache._cache
    assert not any("198.51" in key for key in cache._cache)
    assert not any(b"198.51" in bytes(value) for value in cache._cache.values())


def test_the_form_is_off_by_default(client, match_page):
    html = client.get(match_page.url).content.decode()
    assert "<live-blog" in html
    assert "live-questions" not in html
    path = f"/wagtail_live/questions/{match_page.channel_id}/"
    response = client.post(path, {"text": "Who?"}, headers=SCRIPT)
    assert response.status_code == 409
    assert not Question.objects.exists()


def test_the_form_is_closed_when_the_blog_has_ended(ask, fill, client, page):
    fields = fill()
    set_state(page.live_channel, ChannelState.ENDED, actor=SYSTEM)
    assert "live-questions" not in client.get(page.url).content.decode()
    path = f"/wagtail_live/questions/{page.channel_id}/"
    response = client.post(path, fields, headers=SCRIPT)
    assert response.status_code == 409
    assert response.json()["error"] == "Questions are closed."


def test_the_page_has_no_token_and_sets_no_cookie(client, page):
    response = client.get(page.url)
    assert "csrf" not in response.content.decode()
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_without_javascript(ask, client, page):
    response = ask(headers=BROWSER)
    assert response.status_code == 302
    sent = client.get(response["Location"]).content.decode()
    assert "Thank you" in sent
    assert f'href="{page.url}"' in sent
    assert client.get(response["Location"])["Cache-Control"] == "private, no-store"
    assert Question.objects.count() == 1


def test_without_javascript_an_error_keeps_the_text(ask, settings):
    settings.WAGTAIL_LIVE_QUESTIONS_MAX_LENGTH = 10
    response = ask("<b>Who is on the bench?</b>", name="Ann", headers=BROWSER)
    html = response.content.decode()
    assert response.status_code == 422
    assert "The limit is 10 characters." in html
    assert "&lt;b&gt;Who is on the bench?" in html
    assert 'value="Ann"' in html
    assert not Question.objects.exists()


@pytest.mark.parametrize("text", ["", " \n ", "x" * 1001, "\u202e"])
def test_what_is_no_question_is_refused(ask, text):
    response = ask(text)
    assert response.status_code == 422
    assert response.json()["error"]
    assert not Question.objects.exists()


def test_characters_are_cleaned(ask):
    ask("Who\u202e is\x07 it?\r\n\r\n\r\nReally?", name=" Ann \n\u202e Lee ")
    question = Question.objects.get()
    assert question.text == "Who is it?\nReally?"
    assert question.name == "Ann Lee"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_may_not_ask(ask, headers):
    assert ask(headers=headers).status_code == 403
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://testserver"},
        {
            "Origin": "null",
            "Sec-Fetch-Site": "same-origin",
        },  # of a strict referrer policy
    ],
)
def test_browsers_of_the_site_may_ask(ask, headers):
    assert ask(headers={**headers, "Accept": "application/json"}).status_code == 201


def test_what_a_program_fills_in_is_dropped_in_silence(ask):
    assert ask(website="https://spam.example").status_code == 201
    assert not Question.objects.exists()


def test_a_form_that_is_sent_at_once_is_refused(client, page):
    html = client.get(page.url).content.decode()
    [started] = re.findall(r'name="started" value="([^"]+)"', html)
    path = f"/wagtail_live/questions/{page.channel_id}/"
    response = client.post(path, {"text": "Who?", "started": started}, headers=SCRIPT)
    assert response.status_code == 422
    assert "Wait a moment" in response.json()["error"]


@pytest.mark.parametrize("started", ["", "forged", "MTIz:1abc:def"])
def test_a_form_that_the_site_did_not_make_is_refused(ask, started):
    response = ask(started=started)
    assert response.status_code == 422
    assert "Reload the page" in response.json()["error"]


def test_questions_of_an_address_are_limited(ask, settings):
    settings.WAGTAIL_LIVE_QUESTIONS_LIMIT = 2
    responses = [ask(f"Question {number}") for number in range(3)]
    assert [each.status_code for each in responses] == [201, 201, 429]
    assert responses[-1]["Retry-After"] == "3600"
    assert ask("Mine", environ={"REMOTE_ADDR": "198.51.100.7"}).status_code == 201


def test_the_inbox_has_a_limit(ask, settings):
    settings.WAGTAIL_LIVE_QUESTIONS_MAX_WAITING = 1
    assert ask("First").status_code == 201
    assert ask("Second").status_code == 429


def test_the_same_question_waits_once(ask):
    assert ask().status_code == 201
    assert ask().status_code == 201
    assert Question.objects.count() == 1


@pytest.mark.parametrize("how", ["draft", "restricted"])
def test_pages_that_the_reader_may_not_see(fill, client, page, how):
    fields = fill()
    if how == "draft":
        page.unpublish()
    else:
        plain = Page.objects.get(pk=page.pk)
        PageViewRestriction.objects.create(page=plain, restriction_type="login")
    path = f"/wagtail_live/questions/{page.channel_id}/"
    for response in (
        client.post(path, fields, headers=SCRIPT),
        client.get(f"{path}sent/"),
    ):
        assert response.status_code == 404
        assert response.json() == {"error": "There is no live page here."}
    assert not Question.objects.exists()


def test_old_questions_are_purged(ask):
    ask()
    assert run_jobs(cursors.now())["questions"] == 0
    assert run_jobs(cursors.now() + timedelta(days=31))["questions"] == 1
    assert not Question.objects.exists()


def test_the_language_of_a_site_that_django_does_not_know(ask, settings):
    settings.WAGTAIL_I18N_ENABLED = True
    settings.LANGUAGES = [("gsw", "Schwiizertüütsch")]
    Locale.objects.update(language_code="gsw")
    assert '<html lang="gsw" dir="ltr">' in ask("", headers=BROWSER).content.decode()


def test_a_page_with_all_parts_takes_few_queries(
    client, page, django_assert_max_num_queries
):
    for number in range(50):
        page.add_live_post(f"<p>Post {number}</p>")
    client.get(page.url)
    with django_assert_max_num_queries(
        15
    ):  # one of each app that adds to posts or page
        html = client.get(page.url).content.decode()
    assert "<live-push" in html
    assert "<live-questions" in html


def test_a_cache_of_each_process_is_a_warning(settings):
    found = checks.run_checks(tags=["wagtail_live"], include_deployment_checks=True)
    assert "wagtail_live_questions.W001" in {each.id for each in found}


def test_checks(settings):
    for name in ("MAX_LENGTH", "LIMIT", "MAX_WAITING", "KEEP"):
        setattr(settings, f"WAGTAIL_LIVE_QUESTIONS_{name}", 0)
    found = {each.id: each for each in checks.run_checks(tags=["wagtail_live"])}
    for number in range(1, 5):
        assert found[f"wagtail_live_questions.E00{number}"].hint


def test_no_migration_is_missing(capsys):
    call_command("check", "wagtail_live_questions", fail_level="WARNING")
    call_command("makemigrations", check_changes=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out
