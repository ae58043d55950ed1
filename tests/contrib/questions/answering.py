"""Tests that test_questions.py runs in a process with other settings: editors."""

import re

import pytest
from django.urls import reverse
from wagtail.blocks import RichTextBlock, StreamBlock

from tests.admin.desk.requests import user_who_may
from wagtail_live.contrib.questions.models import Question, QuestionBox
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(match_page):
    return user_who_may(match_page, "change_page", "publish_page")


@pytest.fixture
def question(match_page):
    return Question.objects.create(
        channel=match_page.live_channel,
        text="Who is <b>it</b>?\nReally?",
        name="Ann & Lee",
    )


@pytest.fixture
def desk(client, editor, match_page):
    client.force_login(editor)

    class Desk:
        def url(self, name, *args):
            url_name = f"wagtail_live_connections:questions{name}"
            return reverse(url_name, args=[match_page.pk, *args])

        def get(self, name, *args, query=""):
            return client.get(self.url(name, *args) + query)

        def post(self, name, *args, **data):
            return client.post(self.url(name, *args), data, follow=True)

    return Desk()


def test_the_desk_counts_the_questions(desk, client, match_page, question):
    url = reverse("wagtail_live:index", args=[match_page.pk])
    html = client.get(url).content.decode()
    assert "Questions (1)" in html
    assert desk.url("") in html
    question.delete()
    html = client.get(url).content.decode()
    assert "Questions" in html
    assert "Questions (" not in html


def test_the_inbox_shows_the_questions(desk, question):
    html = desk.get("").content.decode()
    assert "Who is &lt;b&gt;it&lt;/b&gt;?<br>Really?" in html
    assert "Ann &amp; Lee" in html
    assert "Waiting (1)" in html
    assert (
        "There are no questions here."
        in desk.get("", query="?state=answered").content.decode()
    )
    assert desk.get("", query="?state=nothing").status_code == 404


def test_an_answer_is_a_post_that_quotes_the_question(
    desk, client, editor, match_page, question
):
    form = desk.get("_answer", question.pk).content.decode()
    assert "<blockquote>Who is &lt;b&gt;it&lt;/b&gt;?" in form
    text = "Nobody <i>knows</i>.\n\nWait & see."
    response = desk.post("_answer", question.pk, text=text, action="publish")
    assert "Answer published." in response.content.decode()
    post = match_page.live_posts.get()
    assert post.author == editor
    html = client.get(match_page.url).content.decode()
    assert "Who is &lt;b&gt;it&lt;/b&gt;?" in html
    assert post.content[0].value["quote"] == question.text
    assert "Ann &amp; Lee" in html
    for paragraph in ("Nobody &lt;i&gt;knows&lt;/i&gt;.", "Wait &amp; see."):
        assert re.search(rf"<p[^>]*>{paragraph}</p>", html)
    question.refresh_from_db()
    assert (question.state, question.answer) == ("answered", post)


class TextBlock(StreamBlock):
    text = RichTextBlock()


def test_an_answer_of_a_site_without_quotes(
    desk, client, match_page, question, settings
):
    settings.WAGTAIL_LIVE_POST_BLOCK = f"{__name__}.TextBlock"
    desk.post("_answer", question.pk, text="Nobody", action="publish")
    html = client.get(match_page.url).content.decode()
    assert re.search(
        r"<blockquote[^>]*>Who is &lt;b&gt;it&lt;/b&gt;\?<br/?>Really\?"
        r"<br/?>— Ann &amp; Lee</blockquote>",
        html,
    )


def test_an_answer_that_is_sent_twice_is_one_post(desk, question):
    for _ in range(2):
        desk.post("_answer", question.pk, text="Nobody", action="publish")
    assert LivePost.objects.count() == 1


def test_an_answer_can_be_a_draft(desk, match_page, question):
    response = desk.post("_answer", question.pk, text="Nobody", action="draft")
    post = LivePost.objects.get()
    assert not match_page.live_posts.exists()
    assert response.redirect_chain[-1][0].endswith(f"?post={post.pk}")


def test_an_answer_needs_a_text(desk, question):
    response = desk.post("_answer", question.pk, text=" ", action="publish")
    assert response.status_code == 422
    assert "This field is required" in response.content.decode()
    assert not LivePost.objects.exists()


def test_a_question_whose_answer_was_deleted_is_answered_again(
    desk, match_page, question
):
    desk.post("_answer", question.pk, text="Nobody", action="draft")
    match_page.delete_live_post(LivePost.objects.get())
    assert "Really?" in desk.get("", query="?state=answered").content.decode()
    desk.post("_answer", question.pk, text="Somebody", action="publish")
    assert LivePost.objects.get().text.endswith("Somebody")


def test_two_editors_answer_a_question(desk, client, match_page, question):
    colleague = user_who_may(match_page, "change_page", "publish_page", name="bob")
    response = desk.post("_answer", question.pk, text="Nobody", action="publish")
    client.force_login(colleague)
    response = desk.post("_answer", question.pk, text="It was Eve", action="publish")
    html = response.content.decode()
    assert response.status_code == 409
    assert "has answered this question" in html
    assert "It was Eve" in html  # the text is not lost
    assert LivePost.objects.count() == 1
    response = desk.get("_answer", question.pk)
    assert response["Location"].endswith(f"{LivePost.objects.get().pk}/")


def test_an_answered_question_is_not_dismissed(desk, question):
    desk.post("_answer", question.pk, text="Nobody", action="publish")
    response = desk.post("_state", question.pk, "dismissed")
    assert "This question has been answered." in response.content.decode()
    question.refresh_from_db()
    assert question.state == "answered"


def test_a_question_is_dismissed_and_restored(desk, match_page, question):
    desk.post("_state", question.pk, "dismissed")
    assert "There are no questions here." in desk.get("").content.decode()
    assert not match_page.live_posts.exists()
    desk.post("_state", question.pk, "waiting")
    assert "Really?" in desk.get("").content.decode()
    assert desk.post("_state", question.pk, "answered").status_code == 404


def test_an_editor_opens_and_closes_the_form(desk, client, match_page):
    assert "The page has no form" in desk.get("").content.decode()
    assert "Readers can send" in desk.post("_box", open="1").content.decode()
    assert "live-questions" in client.get(match_page.url).content.decode()
    desk.post("_box", open="0")
    assert not QuestionBox.objects.get().is_open
    assert "live-questions" not in client.get(match_page.url).content.decode()


def test_only_those_who_may_publish_see_the_inbox(client, match_page, question):
    client.force_login(user_who_may(match_page, "change_page", name="writer"))
    desk = client.get(reverse("wagtail_live:index", args=[match_page.pk]))
    assert desk.status_code == 200
    assert "Questions" not in desk.content.decode()
    for name, args in [
        ("", []),
        ("_answer", [question.pk]),
        ("_box", []),
        ("_state", [question.pk, "dismissed"]),
    ]:
        url = reverse(
            f"wagtail_live_connections:questions{name}", args=[match_page.pk, *args]
        )
        assert client.get(url).status_code == 403
        assert client.post(url, {"text": "x", "open": "1"}).status_code == 403
    assert not LivePost.objects.exists()
    assert not QuestionBox.objects.exists()


def test_a_question_of_another_page_is_not_found(desk, home_page, question):
    other = type(home_page.get_children().first().specific)(title="O", slug="o")
    home_page.add_child(instance=other)
    Question.objects.update(channel=other.live_channel)
    assert desk.post("_state", question.pk, "dismissed").status_code == 404
    assert desk.get("_answer", question.pk).status_code == 404
