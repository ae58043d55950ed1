"""The forms of the desk."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.rich_text import RichText

from ...models import Channel, LivePost

# What Wagtail compares when it shows two versions of a post.
post_panel = ObjectList(
    [
        FieldPanel("title"),
        FieldPanel("content"),
        FieldPanel("author_name"),
        FieldPanel("is_key_event"),
    ]
).bind_to_model(LivePost)


class PostForm(WagtailAdminModelForm):
    """What a reporter writes. The button that he presses says what becomes of it."""

    pin = forms.BooleanField(label=_("Pin"), required=False)
    go_live_at = forms.DateTimeField(
        label=_("Publish at"),
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )

    class Meta:
        model = LivePost
        fields = ("title", "content", "author_name", "is_key_event")
        widgets = {"title": forms.TextInput, "author_name": forms.TextInput}
        help_texts = {"author_name": "", "is_key_event": ""}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs["placeholder"] = _("Title (optional)")
        self.initial["go_live_at"] = self.instance.go_live_at

    @cached_property
    def post_fields(self) -> dict:
        """What the writer takes, of a valid form."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def is_scheduling(self) -> bool:
        return self.data.get("action") == "schedule"

    def clean_content(self):
        """Without the texts in which nothing was written; one of them can't be all."""
        content = self.cleaned_data["content"]
        blank = [index for index, child in enumerate(content) if is_blank(child.value)]
        if len(blank) == len(content):
            error = forms.ValidationError(_("This field is required."))
            raise StreamBlockValidationError(dict.fromkeys(blank, error))
        for index in reversed(blank):
            del content[index]
        return content

    def clean_go_live_at(self):
        moment = self.cleaned_data["go_live_at"]
        if self.is_scheduling and (moment is None or moment <= timezone.now()):
            raise forms.ValidationError(_("Choose a time in the future."))
        return moment


def is_blank(value) -> bool:
    """Whether a block's value is rich text that shows nothing."""
    if not isinstance(value, RichText):
        return False
    html = value.source
    return not strip_tags(html).strip() and "<embed" not in html


class SummaryForm(WagtailAdminModelForm):
    class Meta:
        model = Channel
        fields = ("summary",)


def new_post_form(user) -> PostForm:
    """An empty form in which one can write at once."""
    blocks = LivePost._meta.get_field("content").stream_block.child_blocks
    content = [("text", RichText(""))] if "text" in blocks else []
    get_full_name = getattr(user, "get_full_name", str)  # a custom user may have none
    post = LivePost(content=content, author_name=get_full_name())
    return PostForm(instance=post, for_user=user)


def post_form(post, user, data=None, post_id=None) -> PostForm:
    """The form of a post; its names begin with the post's id, unless it is new."""
    prefix = (
        f"post-{post_id}" if post_id else None
    )  # an HTML id that starts with a letter
    return PostForm(data, instance=post, for_user=user, prefix=prefix)


def keep(form: PostForm, data) -> PostForm:
    """The form with what the browser kept of it, as it was and unchecked."""
    for name, field in form.fields.items():
        form.initial[name] = field.widget.value_from_datadict(
            data, {}, form.add_prefix(name)
        )
    return form
