"""Images with their words."""

from functools import partial
from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.widgets import BaseChooser
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import (
    ImageBlock,
    ImageChooserBlock,
    ImageChooserBlockComparison,
)
from wagtail.images.widgets import AdminImageChooser

from ..renditions import (
    IMAGE_SPECS,
    find_alt_text,
    find_animation,
    find_renditions,
    get_words,
    make_broken_rendition,
    report_broken,
)

BROKEN_IMAGE = "wagtail_live/blocks/broken_image.html"


class LiveImageChooser(AdminImageChooser):
    """A chooser whose uploads are cleaned, as all images of live posts are."""

    chooser_modal_url_name = "wagtail_live_image_chooser:choose"

    def get_value_data_from_instance(self, instance):
        alt_text = find_alt_text(instance)
        try:
            data = super().get_value_data_from_instance(instance)
            return {**data, "default_alt_text": alt_text}
        except DatabaseError:
            raise
        except Exception as error:  # decoders raise anything
            report_broken(instance, error)
            rendition = make_broken_rendition(instance)
        data = BaseChooser.get_value_data_from_instance(self, instance)
        preview = {"url": rendition.url, "width": 0, "height": 0}
        return {**data, "preview": preview, "default_alt_text": alt_text}


class LiveImageComparison(ImageChooserBlockComparison):
    """Two versions of an image, or their titles if one can't be shown."""

    def htmlvalue(self, val):
        return self._show_or_name(partial(super().htmlvalue, val), val)

    def htmldiff(self):
        return self._show_or_name(super().htmldiff, self.val_a, self.val_b)

    def _show_or_name(self, show, *images):
        try:
            return show()
        except DatabaseError:
            raise
        except Exception:  # decoders raise anything
            return escape(" → ".join(str(image) for image in images if image))


class LiveImageChooserBlock(ImageChooserBlock):
    """A chooser that says so if the image was deleted after it was chosen."""

    @cached_property
    def widget(self):
        return LiveImageChooser()

    @cached_property
    def field(self):
        field = super().field
        field.error_messages["invalid_choice"] = _(
            "The image was deleted. Choose another, or delete this block."
        )
        return field

    def value_from_form(self, value):
        image = super().value_from_form(value)
        if image is None and str(value or "").isdecimal():
            return self.make_deleted(int(value))
        return image

    def make_deleted(self, key):
        return self.model_class(pk=key, title=str(_("Deleted image")))

    def get_form_state(self, value):
        if value is None or not value._state.adding:
            return super().get_form_state(value)
        preview = {"url": "", "width": 0, "height": 0}
        state = {"id": value.pk, "title": value.title, "edit_url": ""}
        return {**state, "preview": preview, "default_alt_text": ""}

    def get_comparison_class(self):
        return LiveImageComparison


def get_alt(image) -> str:
    """Return the alt text of an image in a post. Wagtail's renditions would show the title
    if it is empty."""
    if not image or image.decorative:
        return ""
    return image.contextual_alt_text or ""


def describe_image(image, base_url: str) -> dict | None:
    """Return an image of a post for the API, with absolute URLs."""
    if image is None:
        return None
    animation = find_animation(image)
    shown = [animation] if animation else find_renditions(image, *IMAGE_SPECS)
    return {
        "image": image.pk,
        "alt_text": image.contextual_alt_text or "",
        **get_words(image),
        "decorative": bool(image.decorative),
        "renditions": [
            {
                "url": urljoin(base_url, one.url),
                "width": one.width,
                "height": one.height,
            }
            for one in shown
        ],
    }


class LiveImageBlock(ImageBlock):
    """An image with a caption and a credit, which the image has as ``live_caption`` and
    ``live_credit``. It uses the library's alt text if the post has none.

    An animated image is shown as it is, because its renditions don't move.
    """

    child_blocks: dict[str, blocks.Block]

    caption = blocks.CharBlock(required=False, max_length=1000, label=_("Caption"))
    credit = blocks.CharBlock(required=False, max_length=255, label=_("Credit"))

    def __init__(self, required=True, **kwargs):
        super().__init__(required=required, **kwargs)
        chooser = LiveImageChooserBlock(required=required)
        chooser.set_name("image")
        self.child_blocks["image"] = chooser
        order = ("image", "alt_text", "caption", "credit", "decorative")
        self.child_blocks = {name: self.child_blocks[name] for name in order}

    def _struct_value_to_image(self, struct_value):
        image = super()._struct_value_to_image(struct_value)
        if image:
            image.live_caption = struct_value.get("caption") or ""
            image.live_credit = struct_value.get("credit") or ""
        return image

    def _image_to_struct_value(self, image):
        return {**super()._image_to_struct_value(image), **get_words(image)}

    def to_python(self, value):
        image = super().to_python(value)
        if image and isinstance(value, int):
            image.contextual_alt_text = find_alt_text(image)
        return image

    def bulk_to_python(self, values):
        values = list(values)
        images = super().bulk_to_python(values)
        for image, value in zip(images, values, strict=True):
            if image and isinstance(value, int):
                image.contextual_alt_text = find_alt_text(image)
        return images

    def normalize(self, value):
        image = super().normalize(value)
        if image and image.contextual_alt_text is None:
            image.contextual_alt_text = find_alt_text(image)
        return image

    def clean(self, value):
        """Accept an image without alt text: the desk points it out."""
        errors = {}
        for name, item in self._image_to_struct_value(value).items():
            try:
                self.child_blocks[name].clean(item)
            except ValidationError as error:
                errors[name] = error
        if errors:
            raise StructBlockValidationError(block_errors=errors)
        return value

    def restore_deleted(self, value, stored):
        """Return the image as it was stored, also if it was deleted since."""
        words = stored if isinstance(stored, dict) else {"image": stored}
        if value or not words.get("image"):
            return value
        image = self.child_blocks["image"].make_deleted(words["image"])
        return self._struct_value_to_image({**words, "image": image})

    def get_form_state(self, value):
        return {**super().get_form_state(value), **get_words(value)}

    def get_prep_value(self, value):
        return {**super().get_prep_value(value), **get_words(value)}

    def get_searchable_content(self, value):
        if not self.search_index or not value:
            return []
        words = [text for text in get_words(value).values() if text]
        return [*super().get_searchable_content(value), *words]

    def get_api_representation(self, value, context=None):
        return describe_image(value, (context or {}).get("base_url", ""))

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        context["animation"] = find_animation(value) if value else None
        context["alt"] = get_alt(value)
        return context

    def render(self, value, context=None):
        try:
            return super().render(value, context=context)
        except (DatabaseError, TemplateDoesNotExist, TemplateSyntaxError):
            raise
        except Exception as error:  # decoders raise anything
            report_broken(value, error)
        rendition = make_broken_rendition(value)
        img = rendition.img_tag({"alt": get_alt(value)})
        return render_to_string(BROKEN_IMAGE, {"value": value, "img": img})

    class Meta:
        template = "wagtail_live/blocks/image.html"
