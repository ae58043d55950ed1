"""Images and links that reporters paste into a post or drop on it."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.utils.file import hash_filelike

from ...background import later
from ...blocks import IMAGE_SPECS
from ...embeds import is_known
from ...images import InvalidImage, find_collection, prepare_image
from ...models import Channel, get_post_block
from ...posts.content import find_type
from ...renditions import find_alt_text, find_renditions
from ..base import JSONView, json_error
from .searching import look_up

THUMBNAIL = "max-165x165"  # as in Wagtail's image chooser


def get_block(channel: Channel, name: str):
    return get_post_block(channel).child_blocks.get(name)


class ImageView(JSONView):
    """Add an image to the library, and return the block that shows it.

    An image that the user has already added is not added again, so that an upload can be
    repeated if its response was lost. The renditions are made after the response.
    """

    def post(self, request):
        self.require(self.rights.may_draft)
        collection = find_collection(request.user)
        if get_block(self.channel, "image") is None or collection is None:
            return json_error(_("You do not have permission to add images."), 403)
        file = request.FILES.get("file")
        if file is None:
            return json_error(_("Choose an image."), 422)
        title = file.name.rpartition(".")[0] or _("Image")
        try:
            form = prepare_image(file, title, request.user, collection)
        except InvalidImage as error:
            return json_error(str(error), 422)
        image = find_added(form.instance, request.user) or form.save()
        later(find_renditions, image, THUMBNAIL, *IMAGE_SPECS)
        return JsonResponse({"id": image.pk, "value": self.get_value(image)})

    def get_value(self, image: AbstractImage) -> dict:
        """Return the block's value for the form, which names the thumbnail's URL without
        making the thumbnail."""
        block = get_block(self.channel, "image")
        chosen = {
            "id": image.pk,
            "title": image.title,
            "edit_url": reverse("wagtailimages:edit", args=[image.pk]),
            "preview": {
                "url": reverse("wagtail_live:thumbnail", args=[self.page.pk, image.pk]),
                **get_thumbnail_size(image),
            },
            "default_alt_text": find_alt_text(image),
        }
        if "image" not in getattr(block, "child_blocks", ()):
            return chosen
        value = dict.fromkeys(block.child_blocks)
        return {**value, "image": chosen, "alt_text": chosen["default_alt_text"]}


def find_added(image: AbstractImage, user: Any) -> AbstractImage | None:
    """Return the image of the same user, collection and content, if there is one."""
    added = get_image_model().objects.filter(
        file_hash=hash_filelike(image.file),
        uploaded_by_user=user,
        collection=image.collection,
    )
    return added.first()


def get_thumbnail_size(image: AbstractImage) -> dict:
    largest = int(THUMBNAIL.rpartition("x")[2])
    scale = min(1, largest / max(image.width, image.height, 1))
    return {"width": int(image.width * scale), "height": int(image.height * scale)}


class ThumbnailView(JSONView):
    """Redirect to the thumbnail of an image that the user has added."""

    def get(self, request, image_id):
        images = get_image_model().objects.filter(uploaded_by_user=request.user)
        image = get_object_or_404(images, pk=image_id)
        found = find_renditions(image, THUMBNAIL)
        return redirect(found[0].url if found else image.file.url)


class EmbedView(JSONView):
    """Return whether the URL is one of a provider. With ``find``, its embed or the card of
    its page is requested in the background, and stored for the post: ``is_found`` is
    ``null`` as long as there is no answer. Otherwise nothing is requested."""

    def get(self, request):
        self.require(self.rights.may_draft)
        url = request.GET.get("url", "")
        block = get_post_block(self.channel)
        has_embeds = bool(find_type(block, "embed"))
        answer = {"is_known": has_embeds and is_known(url)}
        if "find" in request.GET:
            answer["is_found"] = has_embeds and look_up(url, block)
        return JsonResponse(answer)
