"""Images and links that reporters paste into a post or drop on it."""

from __future__ import annotations

from django.http import JsonResponse
from django.utils.translation import gettext as _
from wagtail.embeds.finders import get_finders

from ...images import InvalidImage, find_collection, prepare_image
from ...models import LivePost
from ..base import JSONView, json_error


def get_block(name: str):
    return LivePost._meta.get_field("content").stream_block.child_blocks.get(name)


class ImageView(JSONView):
    """Add an image to the library, and return the block that shows it."""

    def post(self, request):
        self.require(self.rights.may_draft)
        block = get_block("image")
        collection = find_collection(request.user)
        if block is None or collection is None:
            return json_error(_("You do not have permission to add images."), 403)
        file = request.FILES.get("file")
        if file is None:
            return json_error(_("Choose an image."), 422)
        title = file.name.rpartition(".")[0] or _("Image")
        try:
            form = prepare_image(file, title, request.user, collection)
        except InvalidImage as error:
            return json_error(str(error), 422)
        image = form.save()
        return JsonResponse({"value": block.get_form_state(block.normalize(image))})


class EmbedView(JSONView):
    """Return whether the site can embed a URL, without requesting it."""

    def get(self, request):
        self.require(self.rights.may_draft)
        url = request.GET.get("url", "")
        is_known = any(finder.accept(url) for finder in get_finders())
        return JsonResponse({"is_known": bool(get_block("embed")) and is_known})
