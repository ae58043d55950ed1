"""Takes questions, counts and purges them, and publishes answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import Any

from django import forms
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import cursors, posts
from ...desks.announcements import announce_news
from ...models import Channel, ChannelState, LivePost, get_post_block
from ...permissions import get_name
from ...posts.content import find_type
from ...text import normalise, normalise_line
from ..visitors import is_too_often
from . import conf
from .models import NAME_LENGTH, Question, QuestionBox, QuestionState

SOURCE = "questions"
SALT = "wagtail_live.questions"
MIN_SECONDS = 3.0  # in which nobody reads the page and writes a question
HOUR = 3600  # seconds
HONEYPOT = "website"


class Refused(Exception):
    """A question that is not taken; the message is for the reader."""

    def __init__(self, message: str, status: int = 422):
        super().__init__(message)
        self.status = status


class Answered(Exception):
    """The question has an answer already."""

    def __init__(self, post: LivePost):
        super().__init__(str(post))
        self.post = post


class QuestionForm(forms.Form):
    """The form of readers. ``website`` is hidden from people, so only programs fill it."""

    text = forms.CharField(
        label=gettext_lazy("Your question"),
        error_messages={"required": gettext_lazy("Write your question.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name (optional, shown with the answer)"),
        required=False,
        max_length=NAME_LENGTH,
    )
    website = forms.CharField(required=False)
    started = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = conf.get_max_length()
        self.fields["text"].max_length = limit
        self.fields["text"].widget.attrs |= {"maxlength": limit, "dir": "auto"}
        self.fields["name"].widget.attrs |= {"autocomplete": "nickname", "dir": "auto"}
        hidden = {"autocomplete": "off", "tabindex": "-1"}
        self.fields["website"].widget.attrs |= hidden

    def clean_text(self) -> str:
        text = "\n".join(
            line
            for each in normalise(self.cleaned_data["text"]).splitlines()
            if (line := " ".join(each.split()))
        )
        if not text:
            raise forms.ValidationError(_("Write your question."))
        if len(text) > conf.get_max_length():
            limit = conf.get_max_length()
            reason = _("The question is too long. The limit is %(limit)s characters.")
            raise forms.ValidationError(reason % {"limit": limit})
        return text

    def clean_name(self) -> str:
        return " ".join(normalise_line(self.cleaned_data["name"]).split())

    @property
    def is_of_program(self) -> bool:
        return bool(self.data.get(HONEYPOT, "").strip())


def sign_start() -> str:
    """Return a text that says when the form was made, and that only the site can make."""
    return signing.dumps(cursors.to_timestamp(cursors.now()), salt=SALT)


def check_start(value: str) -> None:
    """Refuse a form that was filled in faster than people can, or that we did not make."""
    try:
        started = signing.loads(value, salt=SALT)
    except signing.BadSignature:
        raise Refused(_("Reload the page, and send your question again.")) from None
    if cursors.to_timestamp(cursors.now()) - started < MIN_SECONDS:
        raise Refused(_("That was very fast. Wait a moment, and send it again."))


def is_open(channel: Channel) -> bool:
    """Return whether readers may ask: the box is open, and the blog has not ended."""
    if channel.state == ChannelState.ENDED:
        return False
    return QuestionBox.objects.filter(channel=channel, is_open=True).exists()


def count_waiting(channel: Channel) -> int:
    return channel.questions.filter(state=QuestionState.WAITING).count()


def take(channel: Channel, request: HttpRequest, form: QuestionForm) -> None:
    """Store a question, or raise ``Refused``. What a program has sent is dropped in
    silence, and so is a question that already waits."""
    if not is_open(channel):
        raise Refused(_("Questions are closed."), 409)
    if not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        raise Refused(" ".join(errors))
    if form.is_of_program:
        return
    check_start(form.cleaned_data["started"])
    if is_too_often(request, "question", conf.get_limit(), HOUR):
        raise Refused(
            _("Many questions have come from your network. Try again in an hour."), 429
        )
    waiting = channel.questions.filter(state=QuestionState.WAITING)
    if waiting.count() >= conf.get_max_waiting():
        raise Refused(_("There are too many questions now. Try again later."), 429)
    fields = {name: form.cleaned_data[name] for name in ("text", "name")}
    if not waiting.filter(**fields).exists():
        Question.objects.create(channel=channel, **fields)
        announce_news(channel.page_id)


def answer(question: Question, text: str, user: Any, *, publish: bool) -> LivePost:
    """Add a post that quotes the question, and return it; ``Answered`` if it has one."""
    content = build_content(question, text)
    with transaction.atomic():
        # Locks the row, so that two editors, or a double click, make one post.
        open_ = Question.objects.filter(pk=question.pk, answer=None)
        if not open_.update(state=QuestionState.ANSWERED):
            question.refresh_from_db()
            raise Answered(question.answer)
        post = posts.publish(
            question.channel,
            content,
            actor=user,
            author=user,
            author_name=get_name(user),
            source=SOURCE,
            show=publish,
        )
        Question.objects.filter(pk=question.pk).update(answer=post)
        announce_news(question.channel.page_id)
    return post


def set_state(question: Question, state: str) -> bool:
    """Dismiss or restore a question; return ``False`` if it was answered meanwhile."""
    unanswered = Question.objects.filter(pk=question.pk, answer=None)
    if not unanswered.update(state=state):
        return False
    announce_news(question.channel.page_id)
    return True


def build_content(question: Question, text: str) -> list[tuple[str, Any]]:
    """Return the blocks of an answer: the question as a quote, if posts have that block,
    and the text."""
    lines = (line.strip() for line in normalise(text).splitlines())
    answered = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    block = get_post_block(question.channel)
    if quote_type := find_type(block, "quote"):
        value = {"quote": question.text, "name": question.name}
        return [(quote_type, value), (find_type(block, "text") or "text", answered)]
    name = f"<br>— {escape(question.name)}" if question.name else ""
    quote = "<br>".join(escape(line) for line in question.text.splitlines())
    return [
        (
            find_type(block, "text") or "text",
            f"<blockquote>{quote}{name}</blockquote>{answered}",
        )
    ]


def purge(now: datetime) -> int:
    """Delete old questions, and return their number."""
    old = now - timedelta(days=conf.get_keep())
    return Question.objects.filter(created_at__lt=old).delete()[0]
