"""The blocks of videos and audio from the media library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import urljoin

from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtailmedia import get_media_model
from wagtailmedia.blocks import (
    AbstractMediaChooserBlock,
    AudioChooserBlock,
    VideoChooserBlock,
)

from .. import conf

TRACK = "captions"


def get_label(video: Any) -> str:
    """Return the title of a video, ``""`` if it is only the name of its file."""
    stored = slugify(PurePath(video.file.name).stem)
    wanted = slugify(PurePath(video.title).stem)
    return "" if not wanted or stored.startswith(wanted) else video.title


class KnowsDeletedMedia(AbstractMediaChooserBlock):
    """A chooser that says so if the file was deleted after it was chosen. The form goes on
    showing it, so that an empty field isn't all that is left of it."""

    deleted_title: Any
    deleted_error: Any

    @cached_property
    def field(self):
        field = super().field
        field.error_messages["invalid_choice"] = self.deleted_error
        return field

    def value_from_form(self, value):
        media = super().value_from_form(value)
        if media is None and str(value or "").isdecimal():
            return self.make_deleted(int(value))
        return media

    def make_deleted(self, key: int) -> Any:
        return self.model_class(pk=key, title=str(self.deleted_title))

    def get_form_state(self, value):
        if value is not None and value._state.adding:
            return {"id": value.pk, "title": value.title, "edit_url": ""}
        return super().get_form_state(value)


class LiveVideoChooserBlock(KnowsDeletedMedia, VideoChooserBlock):
    deleted_title = _("Deleted video")
    deleted_error = _(
        "This video was deleted from the library. Choose another or remove the block."
    )

    @cached_property
    def widget(self):
        from .widgets import LiveVideoChooser

        return LiveVideoChooser()


class LiveAudioChooserBlock(KnowsDeletedMedia, AudioChooserBlock):
    deleted_title = _("Deleted audio file")
    deleted_error = _(
        "This audio file was deleted from the library. Choose another or remove the "
        "block."
    )

    @cached_property
    def widget(self):
        from .widgets import LiveAudioChooser

        return LiveAudioChooser()


class MediaBlock(blocks.StructBlock):
    """A file of the media library with a caption and a credit; ``kind`` is the name of the
    field that chooses it."""

    kind = ""
    schema_type = ""
    default_label: Any = ""
    base_blocks: dict[str, blocks.Block]
    child_blocks: dict[str, blocks.Block]

    caption = blocks.CharBlock(
        required=False, default="", max_length=1000, label=_("Caption")
    )
    credit = blocks.CharBlock(
        required=False, default="", max_length=255, label=_("Credit")
    )

    def __init__(self, local_blocks=None, **kwargs):
        known = {**self.base_blocks, **dict(local_blocks or ())}
        first = (self.kind, TRACK, "caption", "credit")
        names = [*(name for name in first if name in known), *known]
        self.base_blocks = {name: known[name] for name in names}  # in this order
        super().__init__(local_blocks, **kwargs)

    def restore_deleted(self, value, stored):
        """Return the file as it was stored, also if it was deleted since."""
        if value[self.kind] is None and (key := stored.get(self.kind)):
            value[self.kind] = self.child_blocks[self.kind].make_deleted(key)
        return value

    @property
    def max_file_size(self) -> int:
        """The bytes that a file may have which is sent from the desk or by a receiver."""
        return conf.get_max_video_size()

    def add_file(
        self, file: Any, title: str, user: Any, details: dict, poster: Any = None
    ) -> Any:
        """Add a file that a receiver has downloaded to the root collection, as images are.
        Raise ``ValidationError`` if the library's form refuses it."""
        from .uploads import add_received

        return add_received(self.kind, file, title, user, details, poster)

    def find_values(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return values of this block, without words, by the keys of their files."""
        found = get_media_model().objects.filter(pk__in=list(keys), type=self.kind)
        return {
            str(media.pk): self.normalize({**self.get_default(), self.kind: media})
            for media in found
        }

    def get_label(self, value: Any) -> str:
        media = value.get(self.kind)
        title = get_label(media) if media else ""
        return value.get("caption") or title or str(self.default_label)

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        media = value.get(self.kind)
        words = {"live_caption": value["caption"], "live_credit": value["credit"]}
        context |= {self.kind: media, "value": words}
        if media:
            context["label"] = self.get_label(value)
        return context

    def get_api_representation(self, value, context=None):
        """Return what the block accepts, and the files of the media."""
        base_url = (context or {}).get("base_url", "")
        shown = super().get_api_representation(value, context=context)
        return shown | describe(value.get(self.kind), base_url)

    def get_structured_data(self, value, base_url: str) -> dict | None:
        """Return the ``VideoObject`` or ``AudioObject`` of schema.org."""
        media = value.get(self.kind)
        if media is None:
            return None
        files = describe(media, base_url)
        return {
            "@type": self.schema_type,
            "name": self.get_label(value),
            "uploadDate": media.created_at.isoformat(timespec="seconds"),
            "contentUrl": files["url"],
            "encodingFormat": files["type"],
            "thumbnailUrl": files["poster"],
            "width": files["width"],
            "height": files["height"],
            "duration": f"PT{media.duration:g}S" if media.duration else None,
        }


class LiveVideoBlock(MediaBlock):
    """A video, and the text of what is said in it where the site has documents."""

    kind = "video"
    schema_type = "VideoObject"
    default_label = _("Video")

    video = LiveVideoChooserBlock(label=_("Video"))

    def __init__(self, local_blocks=None, **kwargs):
        added = list(local_blocks or ())
        if apps.is_installed("wagtail.documents"):
            added.append((TRACK, make_captions_block()))
        super().__init__(added, **kwargs)

    def clean(self, value):
        value = super().clean(value)
        file = value.get(TRACK)
        if file and file.file_extension != "vtt":
            error = ValidationError(_("Choose a file in the format WebVTT (.vtt)."))
            raise StructBlockValidationError(block_errors={TRACK: error})
        return value

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        file = value.get(TRACK)
        track = {"title": file.title, "url": get_url(file)} if file else None
        return {**context, "captions": track if track and track["url"] else None}

    def get_api_representation(self, value, context=None):
        shown = super().get_api_representation(value, context=context)
        url = get_url(value.get(TRACK))
        base_url = (context or {}).get("base_url", "")
        return shown | ({"captions_url": urljoin(base_url, url)} if url else {})

    def get_structured_data(self, value, base_url: str) -> dict | None:
        data = super().get_structured_data(value, base_url)
        if data and (url := get_url(value.get(TRACK))):
            media = {"@type": "MediaObject", "contentUrl": urljoin(base_url, url)}
            data["caption"] = media | {"encodingFormat": "text/vtt"}
        return data

    class Meta:
        icon = "wagtailmedia-video"
        label = _("Video")
        template = "wagtail_live/blocks/video.html"


class LiveAudioBlock(MediaBlock):
    """A sound, such as an interview."""

    kind = "audio"
    schema_type = "AudioObject"
    default_label = _("Audio")

    audio = LiveAudioChooserBlock(label=_("Audio"))

    class Meta:
        icon = "wagtailmedia-audio"
        label = _("Audio")
        template = "wagtail_live/blocks/audio.html"


def get_url(document: Any) -> str:
    """Return the URL of a document, ``""`` if the site serves none."""
    try:
        return document.url if document else ""
    except NoReverseMatch:
        return ""


def make_captions_block() -> blocks.Block:
    from wagtail.documents.blocks import DocumentChooserBlock

    help_text = _("What is said, as a WebVTT file.")
    return DocumentChooserBlock(
        required=False, label=_("Captions file"), help_text=help_text
    )


def describe(video: Any, base_url: str) -> dict[str, Any]:
    """Return the absolute URLs of a video's files, and its size."""
    if video is None:
        return {}
    return {
        "title": video.title,
        "url": urljoin(base_url, video.url),
        "type": video.sources[0]["type"],
        "poster": urljoin(base_url, video.thumbnail.url) if video.thumbnail else None,
        "width": video.width,
        "height": video.height,
        "duration": video.duration or None,
    }
