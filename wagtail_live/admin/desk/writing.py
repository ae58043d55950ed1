"""Write, change and delete posts on the desk. What is sent twice is done once."""

from __future__ import annotations

from django.core import signing
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ... import posts
from ...models import LivePost
from ...page import updates
from ...posts import channel as coverage
from ...posts.content import build_content
from ..base import DeskRights, JSONView, json_error
from .forms import keep, new_post_form, post_form
from .rendering import describe, parse_version, render_post, version_of
from .timeline import DESK_SOURCE

ACTIONS = {
    "hide": {"show": False, "go_live_at": None},
    "show": {"show": True},
    "publish": {"show": True},
    "key": {"is_key_event": True},
    "unkey": {"is_key_event": False},
    "submit": {"submitted": True},
    "draft": {"show": False, "go_live_at": None, "submitted": False},
    "pin": {},
    "unpin": {},
}
UNDO_SECONDS = 24 * 60 * 60
MOST_MESSAGE_ID = 64


class FormView(JSONView):
    """The form of a post, or of a new one; ``POST`` fills in what the browser kept."""

    def get(self, request, post_id=None):
        return self.render(*self.get_form(post_id))

    def post(self, request, post_id=None):
        form, post = self.get_form(post_id, request.POST)
        return self.render(form, post)

    def get_form(self, post_id, data=None):
        post = self.get_post(post_id) if post_id else None
        self.require(self.rights.may_change(post) if post else self.rights.may_draft)
        user = self.request.user
        form = post_form(post, user, post_id=post_id) if post else new_post_form(user)
        return (keep(form, data) if data else form), post

    def render(self, form, post):
        html = render_form(self.request, self.rights, form, post)
        return JsonResponse({"html": html, "version": post and version_of(post)})


class SaveView(JSONView):
    """Takes the form of a post. ``action`` says what becomes of the post:

    ``publish``, ``schedule``, ``submit``, ``draft``, or ``save``, which leaves it where
    it is.
    """

    http_method_names = ("post",)

    def post(self, request, post_id=None):
        post = self.get_post(post_id) if post_id else self.get_sent()
        action = request.POST.get("action")
        self.check(action, post)
        self.expected = parse_version(request.POST.get("expected"))
        if post_id and self.expected is None:
            return json_error(_("Which version was edited is missing."), 400)
        form = post_form(post, request.user, request.POST, post_id=post_id)
        if not form.is_valid():
            return self.show_errors(form, post if post_id else None)
        try:
            post = self.save(form, action, post)
        except posts.Conflict as conflict:
            return self.show_conflict(form, conflict.post)
        if form.cleaned_data["pin"] and action == "publish":
            coverage.pin(self.channel, post, user=request.user)
        return respond(post, self.rights)

    def get_sent(self) -> LivePost | None:
        """The post that this form has made already, if its answer was lost."""
        message_id = self.request.POST.get("message_id", "")[:MOST_MESSAGE_ID]
        self.message = posts.Message(DESK_SOURCE, message_id)
        if not message_id:
            return None
        of_message = {"source": DESK_SOURCE, "message_id": message_id}
        return self.channel.posts.filter(**of_message).first()

    def check(self, action, post):
        if action in ("publish", "schedule"):
            self.require(self.rights.may_publish)
        elif post:
            self.require(self.rights.may_change(post))
        else:
            self.require(self.rights.may_draft and action in ("draft", "submit"))

    def save(self, form, action, post) -> LivePost:
        stage = get_stage(action, form.cleaned_data["go_live_at"])
        values = {**form.post_fields, **stage, "user": self.request.user}
        if post:
            return posts.edit(self.channel, post, expected=self.expected, **values)
        return posts.publish(
            self.channel,
            author=self.request.user,
            **self.message._asdict(),
            **values,
        )

    def show_errors(self, form, post):
        html = render_form(self.request, self.rights, form, post)
        return json_error(
            _("The post could not be saved due to errors."), 422, html=html
        )

    def show_conflict(self, form, theirs):
        mine = LivePost(channel=self.channel, **form.post_fields)
        context = {
            "theirs": theirs,
            "their_content": updates.render_content(theirs),
            "their_user": theirs.latest_revision and theirs.latest_revision.user,
            "mine": mine,
            "my_content": updates.render_content(mine),
        }
        return json_error(
            _("Somebody else has changed this post meanwhile."),
            409,
            conflict=render_to_string("wagtail_live/desk/conflict.html", context),
            version=version_of(theirs),
            html=render_post(theirs, self.rights),
        )


class PreviewView(JSONView):
    """A document that shows the post as readers will see it."""

    http_method_names = ("post",)

    def post(self, request, post_id=None):
        self.require(self.rights.may_draft)
        post = self.get_post(post_id) if post_id else None
        form = post_form(post, request.user, request.POST, post_id=post_id)
        if not form.is_valid():
            html = render_form(request, self.rights, form, post)
            return json_error(_("The post has errors."), 422, html=html)
        fields = form.post_fields
        fields["content"] = build_content(fields["content"])
        author = post.author if post else request.user
        shown = LivePost(channel=self.channel, author=author, **fields)
        context = {"post": updates.render_post(shown), "page": self.page}
        html = render_to_string("wagtail_live/desk/preview.html", context, request)
        return JsonResponse({"preview": html})


class ActView(JSONView):
    """What a button below a post does."""

    http_method_names = ("post",)

    def post(self, request, post_id, action):
        post, user = self.get_post(post_id), request.user
        self.check(action, post)
        if action == "pin":
            coverage.pin(self.channel, post, user=user)
        elif action == "unpin":
            if self.channel.pinned_post_id == post.pk:
                coverage.pin(self.channel, None, user=user)
        else:
            posts.edit(self.channel, post, user=user, **ACTIONS[action])
        return respond(post, self.rights)

    def check(self, action, post):
        is_harmless = action in ("key", "unkey", "submit")
        self.require(
            self.rights.may_publish or (is_harmless and self.rights.may_change(post))
        )


class DeleteView(JSONView):
    """Deletes a post, and hands out what brings it back."""

    http_method_names = ("post",)

    def post(self, request, post_id):
        post = self.get_post(post_id)
        self.require(self.rights.may_change(post))
        snapshot = posts.snapshot(post)
        posts.delete(self.channel, post, user=request.user)
        undo = signing.dumps(snapshot, salt=undo_salt(self.channel), compress=True)
        return JsonResponse({"removed": str(post_id), "undo": undo})


class UndoView(JSONView):
    """Brings a post back with what its deletion handed out."""

    http_method_names = ("post",)

    def post(self, request):
        try:
            snapshot = signing.loads(
                request.POST.get("undo", ""),
                salt=undo_salt(self.channel),
                max_age=UNDO_SECONDS,
            )
        except signing.BadSignature:
            return json_error(_("This can't be undone any more."), 400)
        self.require(self.rights.may_draft)
        self.require(self.rights.may_publish or not snapshot["first_published_at"])
        post = posts.restore(self.channel, snapshot, user=request.user)
        return respond(post, self.rights)


def respond(post: LivePost, rights: DeskRights) -> JsonResponse:
    return JsonResponse({"post": describe(post, rights)})


def undo_salt(channel) -> str:
    return f"wagtail_live.admin.desk.undo.{channel.pk}"


def get_stage(action, go_live_at) -> dict:
    return {
        "publish": {"show": True},
        "schedule": {"go_live_at": go_live_at},
        "submit": {"show": False, "submitted": True},
        "draft": {"show": False},
    }.get(action, {})


def render_form(request, rights, form, post=None) -> str:
    context = {
        "form": form,
        "post": post,
        "status": post and str(post.status),
        "rights": rights,
        "version": post and version_of(post),
    }
    return render_to_string("wagtail_live/desk/form.html", context, request)
