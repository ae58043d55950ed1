"""The form of a post, and the view that saves it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from html import unescape

from django import forms
from django.http import JsonResponse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.blocks import StreamBlock, StreamValue, StructValue
from wagtail.blocks.base import BlockWidget
from wagtail.blocks.list_block import ListValue
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.rich_text import RichText

from ... import cursors, posts
from ...blocks import KeptBlock, restore
from ...models import LivePost
from ...posts.content import (
    build_content,
    check_urls,
    group_photos,
    restore_deleted,
)
from ...posts.lock import lock_channel
from ...posts.writer import author_fields
from ...rich_text import to_editor
from ...text import UNSTORABLE
from ..base import JSONView, json_error
from .authors import AuthorForm
from .links import find_invalid_link
from .problems import refuse_form
from .queue import save_in_order
from .rendering import render_form, show_conflict
from .timeline import (
    DESK_SOURCE,
    describe,
    explain_time_zone,
    parse_version,
)
from .tools import ToolsMixin

MESSAGE_ID_LENGTH = 64
PUBLISHING = ("publish", "schedule")
MAIN_FIELDS = ("title", "content")
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"


class TimeField(forms.DateTimeField):
    """The time of a post, to the second if readers have seen it. ``kept`` is the time of
    the post, which it keeps to the microsecond unless its text is changed."""

    kept: datetime | None = None

    def begin(self, post: LivePost) -> None:
        """Prepare the field for a post."""
        is_seen = post.first_published_at is not None
        self.kept = post.created if is_seen or post.is_dated else None
        pattern = "%Y-%m-%dT%H:%M:%S" if is_seen else TO_THE_MINUTE
        attrs = {"type": "datetime-local", **({"step": 1} if is_seen else {})}
        self.widget = forms.DateTimeInput(attrs=attrs, format=pattern)
        self.help_text = explain_time_zone()
        if not is_seen:
            empty = _("Leave empty for the time of publication.")
            self.help_text = f"{empty} {self.help_text}"

    def clean(self, value):
        shown = self.kept and self.widget.format_value(self.prepare_value(self.kept))
        if shown and shown in (value, f"{value}:00"):  # browsers leave out seconds of 0
            return self.kept
        moment = super().clean(value)
        return moment and cursors.to_aware(moment)


class PostForm(ToolsMixin, AuthorForm):
    """The form of a post; the submit button selects the action."""

    pin = forms.BooleanField(label=gettext_lazy("Pin"), required=False)
    go_live_at = forms.DateTimeField(
        label=gettext_lazy("Publish at"),
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format=TO_THE_MINUTE
        ),
    )
    created = TimeField(label=gettext_lazy("Time"), required=False)

    class Meta:
        model = LivePost
        fields = ("title", "content", "author_name", "correction", "is_key_event")
        help_texts = {"author_name": "", "is_key_event": ""}
        widgets = {"author_name": forms.HiddenInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["content"].block = self.stream_block
        self.fields["content"].widget = BlockWidget(self.stream_block)
        self.fields["title"].widget.attrs["placeholder"] = _("Add title")
        self.fields["title"].widget.attrs["dir"] = "auto"
        if self.instance.first_published_at:
            self.fields["correction"].widget.attrs["dir"] = "auto"
        else:
            del self.fields["correction"]  # nobody has read what was wrong
        self.initial["go_live_at"] = self.instance.go_live_at
        self.fields["go_live_at"].help_text = explain_time_zone()
        self.fields["created"].begin(self.instance)
        self.initial["created"] = self.fields["created"].kept
        content = self.instance.content
        restore_deleted(content.stream_block, content, None)
        self.initial["content"] = to_editor_values(content)

    @property
    def stream_block(self) -> StreamBlock:
        """The blocks that the post may have, and those of it that are kept."""
        return self.instance.content.stream_block

    @property
    def options(self) -> list:
        """The bound fields below the content."""
        names = [name for name in self.Meta.fields if name in self.fields]
        fields = [self[name] for name in names if name not in MAIN_FIELDS]
        return [field for field in fields if not field.is_hidden]

    @cached_property
    def post_fields(self) -> dict:
        """The fields of a valid form that the writer takes."""
        names = [name for name in self.Meta.fields if name != "correction"]
        is_sent = self.add_prefix("correction") in self.data  # else it stays as it is
        if is_sent and "correction" in self.fields:
            names.append("correction")
        fields = {name: self.cleaned_data[name] for name in names}
        return fields | self.author_fields | self.time_fields

    @property
    def time_fields(self) -> dict:
        """``created``, if the form has another time than the post."""
        moment, kept = self.cleaned_data["created"], self.fields["created"].kept
        is_sent = self.add_prefix("created") in self.data
        is_required = self.instance.first_published_at is not None
        if not is_sent or moment == kept or (moment is None and is_required):
            return {}
        return {"created": moment}

    def build_post(self, channel) -> LivePost:
        """Return a post with the values of the form, which is not saved."""
        fields = {"author": self.instance.author or self.for_user, **self.post_fields}
        names = ("author", "author_name", "coauthors", "authors")
        given = [fields.pop(name, None) for name in names]
        if fields.get("created") is None:
            fields["created"] = self.fields["created"].kept or cursors.now()
        post = LivePost(channel=channel, **fields, **author_fields(*given))
        post.author = given[0]  # need not be read again
        return post

    def clean_content(self):
        """Drop empty text blocks; require at least one other block. Photos that were added
        together become a gallery."""
        content = self.cleaned_data["content"]
        if any(isinstance(child.block, KeptBlock) for child in content):
            content = restore(content, self.instance.content)
        blank = [index for index, child in enumerate(content) if is_blank(child.value)]
        if len(blank) == len(content):
            error = forms.ValidationError(_("This field is required."))
            raise StreamBlockValidationError(dict.fromkeys(blank, error))
        found = [
            find_link_error(child.value) or find_url_error(child) for child in content
        ]
        errors = {index: error for index, error in enumerate(found) if error}
        if errors:
            raise StreamBlockValidationError(errors)
        for index in reversed(blank):
            del content[index]
        return group_photos(content)

    @property
    def has_chosen_time(self) -> bool:
        """True for a draft with a time that its publication keeps."""
        return self.instance.is_dated and not self.instance.first_published_at

    @property
    def is_scheduling(self) -> bool:
        return self.data.get("action") == "schedule"

    def clean_go_live_at(self):
        moment = self.cleaned_data["go_live_at"]
        moment = moment and cursors.to_aware(moment)
        if self.is_scheduling and (moment is None or moment <= cursors.now()):
            raise forms.ValidationError(_("Choose a time in the future."))
        return moment

    def clean_created(self):
        moment = self.cleaned_data["created"]
        kept = self.fields["created"].kept
        if self.is_scheduling:
            return kept  # the post will have the time of its publication
        if moment and moment != kept:
            try:
                return posts.check_time(moment)
            except posts.InvalidTime as error:
                raise forms.ValidationError(self.explain(error)) from None
        return moment

    def explain(self, error: posts.InvalidTime) -> str:
        if not error.is_future:
            return _("The year must be 1970 or later.")
        if self.instance.first_published_at:
            return _("The time is in the future. Choose one that has passed.")
        return _(
            "The time is in the future. To publish the post later, use “Schedule…”."
        )


def to_editor_values(value):
    """Return the value of a block with its rich text as Wagtail's editor needs it."""
    match value:
        case RichText():
            return RichText(to_editor(value.source))
        case StreamValue() | ListValue():
            children = value if isinstance(value, StreamValue) else value.bound_blocks
            for child in children:
                child.value = to_editor_values(child.value)
        case StructValue():
            for name, item in value.items():
                value[name] = to_editor_values(item)
    return value


def is_blank(value) -> bool:
    """Return whether a block's value is rich text without visible content."""
    if not isinstance(value, RichText):
        return False
    html = value.source
    return not unescape(strip_tags(html)).strip() and "<embed" not in html


def find_link_error(value) -> forms.ValidationError | None:
    """Return the error of a block's value with a link whose URL is not valid."""
    match value:
        case RichText() if "<a" in value.source:
            text = find_invalid_link(value.source)
            if text is not None:
                error = _("The URL of the link “%(text)s” is not valid. Correct it.")
                return forms.ValidationError(error, params={"text": text})
        case StructValue():
            found = {name: find_link_error(item) for name, item in value.items()}
            errors = {name: error for name, error in found.items() if error}
            return StructBlockValidationError(errors) if errors else None
    return None


def find_url_error(child) -> forms.ValidationError | None:
    """Return the error of a block with a URL that is not of the web."""
    try:
        check_urls(child.block, child.block.get_prep_value(child.value))
    except forms.ValidationError as error:
        return error
    return None


def post_form(post, user, channel, data=None, post_id=None) -> PostForm:
    """Return the form of a post of a channel, a new one without ``post``. The id of an
    existing post prefixes the field names."""
    # An HTML id must not begin with a digit.
    prefix = f"post-{post_id}" if post_id else None
    instance = post or LivePost(channel=channel)
    return PostForm(data, instance=instance, for_user=user, prefix=prefix)


class SaveView(JSONView):
    """Save the form of a post.

    ``action`` is ``publish``, ``schedule``, ``submit``, ``draft`` or ``save``, which
    keeps the post's status. ``expected`` is the version that the form started from. The
    form of a new post is sent again with the same ``message_id`` if the response was lost.
    A JSON list of new posts is saved in its order.
    """

    def post(self, request, post_id=None):
        if request.content_type == "application/json":
            save = partial(type(self).as_view(), page_id=self.page.pk)
            return save_in_order(request, save)
        post = self.get_post(post_id) if post_id else None
        action = request.POST.get("action")
        refusal = self.find_lost_right(action, post)
        if refusal:
            return refusal
        self.check(action, post)
        self.expected = parse_version(request.POST.get("expected"))
        if post_id and self.expected is None:
            error = _("The form doesn't say which version it was editing.")
            return json_error(error, 400)
        form = post_form(
            post, request.user, self.channel, request.POST, post_id=post_id
        )
        form.page = self.page
        if not form.is_valid():
            html = render_form(self, form, post)
            error = _("The post could not be saved.")
            return refuse_form(form, error, html)
        try:
            post = self.save(form, action, post)
        except posts.Conflict as conflict:
            return show_conflict(self, form, conflict.post)
        return JsonResponse({"post": describe(post, self.rights)})

    def find_lost_right(self, action, post) -> JsonResponse | None:
        """Return the response to a user who may write, but not publish any more: with what
        they can do with their text."""
        rights = self.rights
        if rights.may_publish or not rights.may_draft:
            return None
        if post and not rights.may_change(post):
            error = _(
                "Only users who may publish on this page can change this post, and you "
                "no longer have that permission. You can submit your text as a new post."
            )
            return json_error(error, 403, may_submit_new=True)
        if action in PUBLISHING:
            error = _(
                "You no longer have permission to publish on this page. You can submit "
                "the post to an editor."
            )
            return json_error(error, 403, may_submit=True)
        return None

    def check(self, action, post):
        if action in PUBLISHING:
            self.require(self.rights.may_publish)
        elif post:
            self.require(self.rights.may_change(post))
        else:
            self.require(self.rights.may_draft and action in ("draft", "submit"))

    def save(self, form, action, post) -> LivePost:
        """Save and pin the post in one transaction. A form that is sent again doesn't pin
        its post again if somebody else may have unpinned it."""
        form.post_fields["content"] = build_content(
            form.post_fields["content"], self.channel
        )
        with lock_channel(self.channel) as lock:
            post = post or lock.find_delivered(self.message)
            is_outdated = post and lock.channel.overview_updated_at > post.updated_at
            saved = self.write(lock.channel, form, action, post)
            is_pinning = form.cleaned_data["pin"] and action == "publish"
            if is_pinning and not is_outdated:
                posts.pin(lock.channel, saved, actor=self.request.user)
            return saved

    @property
    def message(self) -> posts.Message:
        """The message by which the post of a form is found that is sent again."""
        message_id = UNSTORABLE.sub("", self.request.POST.get("message_id", ""))
        return posts.Message(DESK_SOURCE, message_id[:MESSAGE_ID_LENGTH])

    def write(self, channel, form, action, post) -> LivePost:
        status_fields = {
            "publish": {"show": True},
            "schedule": {"go_live_at": form.cleaned_data["go_live_at"]},
            "submit": {"show": False, "submitted": True},
            "draft": {"show": False},
        }.get(action, {})
        values = {**form.post_fields, **status_fields, "actor": self.request.user}
        if action == "submit" and not self.rights.may_publish:
            values.pop("created", None)  # of a form from when they still could
        if post:
            expected = self.expected or posts.AS_CREATED
            return posts.edit(channel, post, expected=expected, **values)
        values.setdefault("author", self.request.user)
        return posts.publish(channel, **self.message._asdict(), **values)
