"""Requests of the desk for suggestions. Each is answered at once with an id, by which the
desk asks for the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _

from ...admin.base import JSONView, json_error, reading_form
from . import conf, jobs, questions
from .answers import to_html
from .models import Suggestion, SuggestionState

MAX_TEXTS = 50  # of a post


class Unanswerable(Exception):
    """The assistant can't be asked; the message is for the editor."""

    def __init__(self, message: str, status: int = 422):
        super().__init__(message)
        self.status = status


class AskView(JSONView):
    """Asks for a suggestion of one kind."""

    kind = ""

    def post(self, request):
        self.require(self.may_ask())
        if self.kind not in conf.get_kinds():
            raise Http404
        try:
            ask = self.make_question(request.POST)
            channel = self.page.live_channel
            suggestion = jobs.start(self.kind, request.user, channel, ask)
        except Unanswerable as error:
            return json_error(str(error), error.status)
        except jobs.TooMany:
            error = _("You have asked for many suggestions. Try again later.")
            return json_error(error, 429)
        return JsonResponse({"id": str(suggestion.pk)}, status=202)

    def may_ask(self) -> bool:
        return self.rights.may_draft

    def make_question(self, data: Any) -> Callable[[Any], Any]:
        raise NotImplementedError


class KeyPointsView(AskView):
    """With ``private``, drafts and hidden posts are passed on, and those of a page that not
    everybody may read."""

    kind = "key_points"

    def may_ask(self):
        return self.rights.may_publish

    def make_question(self, data):
        with_private = data.get("private") == "1"
        if questions.is_private(self.page) and not with_private:
            raise Unanswerable(
                _(
                    "Not everybody may read this page. Tick the box to pass its posts to "
                    "the assistant."
                ),
                409,
            )
        posts = questions.list_posts(self.channel, with_private=with_private)
        if not posts:
            raise Unanswerable(_("There are no posts yet."))
        return questions.ask_key_points(posts)


class AltTextView(AskView):
    kind = "alt_text"

    def make_question(self, data):
        image = questions.find_image(self.request.user, data.get("image", ""))
        if image is None:
            raise Unanswerable(_("Choose an image first."))
        return questions.ask_alt_text(image)


class TranslationView(AskView):
    kind = "translation"

    def make_question(self, data):
        title, texts, plain = (
            data.get("title", ""),
            *map(data.getlist, ("text", "plain")),
        )
        language = data.get("language", "")
        if language not in dict(questions.list_languages()):
            raise Unanswerable(_("Choose a language."))
        if len(texts) + len(plain) > MAX_TEXTS:
            raise Unanswerable(_("The post has too many texts."))
        with reading_form():
            html = [to_html(text) for text in texts]
        return questions.ask_translation(title, html, plain, language)


class AnswerView(JSONView):
    """The answer to the user who has asked."""

    def get(self, request, suggestion_id):
        found = Suggestion.objects.filter(pk=suggestion_id, user=request.user)
        suggestion = found.filter(channel__page=self.page).first()
        if suggestion is None:
            return json_error(_("The suggestion is too old. Ask again."), 404)
        if jobs.is_late(suggestion):
            return json_error(_("The assistant did not answer in time."), 422)
        if suggestion.state == SuggestionState.FAILED:
            return json_error(_("The assistant has no suggestion now."), 422)
        return JsonResponse({"answer": suggestion.answer})
