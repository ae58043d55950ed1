"""The block of a video from the media library."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import urljoin

from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtailmedia.blocks import VideoChooserBlock

from .. import conf


def get_label(video: Any) -> str:
    """Return the title of a video, ``""`` if it is only the name of its file."""
    stored = slugify(PurePath(video.file.name).stem)
    wanted = slugify(PurePath(video.title).stem)
    return "" if not wanted or stored.startswith(wanted) else video.title


class LiveVideoChooserBlock(VideoChooserBlock):
    @cached_property
    def widget(self):
        from .widgets import LiveVideoChooser

        return LiveVideoChooser()


class LiveVideoBlock(blocks.StructBlock):
    """A video with a caption and a credit."""

    video = LiveVideoChooserBlock(label=_("Video"))
    caption = blocks.CharBlock(
        required=False, default="", max_length=1000, label=_("Caption")
    )
    credit = blocks.CharBlock(
        required=False, default="", max_length=255, label=_("Credit")
    )

    @property
    def max_file_size(self) -> int:
        """The bytes that a file may have which is sent from the desk."""
        return conf.get_max_video_size()

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        video = value.get("video")
        words = {"live_caption": value["caption"], "live_credit": value["credit"]}
        context |= {"video": video, "value": words}
        if video:
            context["label"] = value["caption"] or get_label(video) or _("Video")
        return context

    def get_api_representation(self, value, context=None):
        """Return what ``LiveVideoBlock`` accepts, and the files of the video."""
        base_url = (context or {}).get("base_url", "")
        shown = super().get_api_representation(value, context=context)
        return shown | describe(value.get("video"), base_url)

    def get_structured_data(self, value, base_url: str) -> dict | None:
        """Return the ``VideoObject`` of schema.org."""
        video = value.get("video")
        if video is None:
            return None
        files = describe(video, base_url)
        return {
            "@type": "VideoObject",
            "name": value["caption"] or get_label(video) or str(_("Video")),
            "uploadDate": video.created_at.isoformat(timespec="seconds"),
            "contentUrl": files["url"],
            "encodingFormat": files["type"],
            "thumbnailUrl": files["poster"],
            "width": files["width"],
            "height": files["height"],
            "duration": f"PT{video.duration:g}S" if video.duration else None,
        }

    class Meta:
        icon = "wagtailmedia-video"
        label = _("Video")
        template = "wagtail_live/blocks/video.html"


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
