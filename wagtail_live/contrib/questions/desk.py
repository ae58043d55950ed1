"""The inbox of a live page: for users who may publish its posts."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from ...admin.base import LivePageViewMixin
from ...text import normalise
from .inbox import Answered, answer, set_state
from .models import Question, QuestionBox, QuestionState

PAGE_SIZE = 50
MAX_ANSWER = 10_000  # characters


class InboxMixin(LivePageViewMixin):
    header_icon = "help"

    def is_allowed(self) -> bool:
        return self.rights.may_publish

    def get_section(self):
        return self.get_url("questions"), _("Questions")

    def get_url(self, name: str, *args) -> str:
        return reverse(f"wagtail_live_connections:{name}", args=[self.page.pk, *args])

    def get_question(self, pk: int) -> Question:
        questions = Question.objects.select_related("channel__page", "answer")
        return get_object_or_404(questions, pk=pk, channel__page=self.page)


class InboxView(InboxMixin, WagtailAdminTemplateMixin, TemplateView):
    """The questions of one state, the oldest that waits first."""

    template_name = "wagtail_live/questions/inbox.html"
    page_title = gettext_lazy("Questions")

    def get_context_data(self, **kwargs):
        state = self.request.GET.get("state", QuestionState.WAITING)
        if state not in QuestionState:
            raise Http404
        found = Question.objects.filter(channel__page=self.page)
        box = QuestionBox.objects.filter(channel__page=self.page, is_open=True)
        order = "created_at" if state == QuestionState.WAITING else "-created_at"
        chosen = (
            found.filter(state=state).select_related("answer").order_by(order, "pk")
        )
        return super().get_context_data(
            page=self.page,
            state=state,
            states=[
                (each, each.label, found.filter(state=each).count())
                for each in QuestionState
            ],
            is_open=box.exists(),
            questions=Paginator(chosen, PAGE_SIZE).get_page(self.request.GET.get("p")),
            **kwargs,
        )


class BoxView(InboxMixin, View):
    """Opens or closes the form on the page."""

    def post(self, request):
        is_open = request.POST.get("open") == "1"
        QuestionBox.objects.update_or_create(
            channel=self.page.live_channel, defaults={"is_open": is_open}
        )
        opened = _("Readers can send questions now.")
        closed = _("Readers can no longer send questions.")
        messages.success(request, opened if is_open else closed)
        return redirect(self.get_url("questions"))


class StateView(InboxMixin, View):
    """Dismisses a question, or takes it back."""

    def post(self, request, pk, state):
        question = self.get_question(pk)
        if state not in (QuestionState.WAITING, QuestionState.DISMISSED):
            raise Http404
        is_dismissed = state == QuestionState.DISMISSED
        done = _("Question dismissed.") if is_dismissed else _("Question restored.")
        if set_state(question, state):
            messages.success(request, done)
        else:
            messages.warning(request, _("This question has been answered."))
        return redirect(self.get_url("questions"))


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=MAX_ANSWER,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=gettext_lazy(
            "Each line is a paragraph. The question is quoted above it."
        ),
    )


class AnswerView(InboxMixin, WagtailAdminTemplateMixin, View):
    """Writes a post that quotes the question."""

    page_title = gettext_lazy("Answer")

    def get(self, request, pk):
        question = self.get_question(pk)
        if question.answer:
            messages.warning(request, _("This question has been answered."))
            return self.go_to_post(question.answer)
        return self.show(question, AnswerForm())

    def post(self, request, pk):
        question, form = self.get_question(pk), AnswerForm(request.POST)
        if not form.is_valid():
            return self.show(question, form, status=422)
        is_published = request.POST.get("action") == "publish"
        text = form.cleaned_data["text"]
        try:
            post = answer(question, text, request.user, publish=is_published)
        except Answered as answered:
            if not is_sent_again(answered.post, text, request.user):
                return self.show_answered(question, form, answered.post)
            post = answered.post
        except ValueError as error:
            form.add_error("text", str(error))
            return self.show(question, form, status=422)
        if is_published:
            messages.success(request, _("Answer published."))
            return redirect(self.get_url("questions"))
        messages.success(request, _("Answer saved as a draft."))
        return self.go_to_post(post)

    def go_to_post(self, post):
        return redirect(reverse("wagtail_live:edit", args=[self.page.pk, post.pk]))

    def show_answered(self, question, form, post):
        """Keep the text of an editor whose colleague was faster."""
        name = post.byline or _("Someone else")
        error = _(
            "%(name)s has answered this question. Your text was not published. Copy it "
            "if you need it."
        )
        form.add_error("text", error % {"name": name})
        return self.show(question, form, status=409)

    def show(self, question, form, status=200):
        context = self.get_context_data(
            page=self.page,
            question=question,
            form=form,
            cancel_url=self.get_url("questions"),
        )
        template = "wagtail_live/questions/answer.html"
        return render(self.request, template, context, status=status)


def is_sent_again(post, text, user) -> bool:
    """Return whether an answer is the one of this form, as after a double click."""
    is_same = post.text.endswith(" ".join(normalise(text).split()))
    return post.author_id == user.pk and is_same
