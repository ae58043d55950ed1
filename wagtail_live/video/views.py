"""The upload of a video from the desk."""

from __future__ import annotations

from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ..admin.base import JSONView, json_error
from ..models import LivePost
from .blocks import LiveVideoBlock
from .uploads import SIZES, InvalidVideo, add_video, find_collection


class VideoView(JSONView):
    """Add a video to the media library, and return the block that shows it.

    Like an image, it is not added again if its upload is repeated.
    """

    def post(self, request):
        self.require(self.rights.may_draft)
        blocks = LivePost._meta.get_field("content").stream_block.child_blocks
        collection = find_collection(request.user)
        if not isinstance(blocks.get("video"), LiveVideoBlock) or collection is None:
            return json_error(_("You do not have permission to add videos."), 403)
        file = request.FILES.get("file")
        if file is None:
            return json_error(_("Choose a video."), 422)
        sizes = {name: request.POST[name] for name in SIZES if name in request.POST}
        thumbnail = request.FILES.get("thumbnail")
        try:
            video = add_video(file, sizes, request.user, collection, thumbnail)
        except InvalidVideo as error:
            return json_error(str(error), error.status)
        chosen = {
            "id": video.pk,
            "title": video.title,
            "edit_url": reverse("wagtailmedia:edit", args=[video.pk]),
        }
        value = {**dict.fromkeys(blocks["video"].child_blocks), "video": chosen}
        return JsonResponse({"id": video.pk, "value": value})
