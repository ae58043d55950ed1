"""Images and links that reporters paste into a post or drop on it."""

from __future__ import annotations

from django.http import JsonResponse
from django.utils.translation import gettext as _
from wagtail.embeds.finders import get_finders
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form

from ...images import get_image_permissions
from ...models import LivePost
from ..base import JSONView, json_error


def get_block(name: str):
    return LivePost._meta.get_field("content").stream_block.child_blocks.get(name)


class ImageView(JSONView):
    """Add an image to the library, and return the block that shows it."""

    def post(self, request):
        self.require(self.rights.may_draft)
        block = get_block("image")
        permissions = get_image_permissions()
        collection = permissions.collections_user_has_permission_for(
            request.user, "add"
        ).first()
        if block is None or collection is None:
            return json_error(_("You do not have permission to add images."), 403)
        form = self.get_form(collection)
        if not form.is_valid():
            return json_error(form.errors.as_text(), 422)
        image = form.save()
        return JsonResponse({"value": block.get_form_state(block.normalize(image))})

    def get_form(self, collection):
        image_model = get_image_model()
        file = self.request.FILES.get("file")
        title = file.name.rpartition(".")[0] if file else ""
        return get_image_form(image_model)(
            {"title": title or _("Image"), "collection": collection.pk},
            self.request.FILES,
            instance=image_model(uploaded_by_user=self.request.user),
            user=self.request.user,
        )


class EmbedView(JSONView):
    """Return whether the site can embed a URL, without requesting it."""

    def get(self, request):
        self.require(self.rights.may_draft)
        url = request.GET.get("url", "")
        is_known = any(finder.accept(url) for finder in get_finders())
        return JsonResponse({"is_known": bool(get_block("embed")) and is_known})
