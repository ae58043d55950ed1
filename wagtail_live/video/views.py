"""The upload of a video or audio from the desk."""

from __future__ import annotations

from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ..admin.base import JSONView, json_error
from ..models import get_post_block
from .blocks import MediaBlock
from .uploads import SIZES, InvalidMedia, add_upload, find_collection, find_kind


class VideoView(JSONView):
    """Add a video or audio to the media library, and return the block that shows it.

    Like an image, it is not added again if its upload is repeated.
    """

    def post(self, request):
        self.require(self.rights.may_draft)
        file = request.FILES.get("file")
        kind = find_kind(file) if file else "video"
        blocks = get_post_block(self.channel).child_blocks
        collection = find_collection(request.user)
        if not isinstance(blocks.get(kind), MediaBlock) or collection is None:
            return json_error(_("You do not have permission to add videos."), 403)
        if file is None:
            return json_error(_("Choose a video or audio file."), 422)
        sizes = {name: request.POST[name] for name in SIZES if name in request.POST}
        thumbnail = request.FILES.get("thumbnail")
        try:
            media = add_upload(kind, file, sizes, request.user, collection, thumbnail)
        except InvalidMedia as error:
            return json_error(str(error), error.status)
        chosen = {
            "id": media.pk,
            "title": media.title,
            "edit_url": reverse("wagtailmedia:edit", args=[media.pk]),
        }
        value = {**dict.fromkeys(blocks[kind].child_blocks), kind: chosen}
        return JsonResponse({"id": media.pk, "type": kind, "value": value})
