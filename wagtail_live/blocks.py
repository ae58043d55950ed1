"""The blocks of a live post."""

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock, EmbedValue
from wagtail.embeds.embeds import get_embed, get_embed_hash
from wagtail.embeds.exceptions import EmbedException
from wagtail.embeds.models import Embed
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.images.widgets import AdminImageChooser

IMAGE_SPECS = ("width-480", "width-960", "width-1440")
PREVIEW_SPECS = ("fill-1200x1200", "fill-1200x900", "fill-1200x675")


class StoredEmbedValue(EmbedValue):
    """An embed that was resolved when its post was written.

    Rendering never requests it from the provider, which may take ten seconds: an embed
    that could not be resolved is shown as a link.
    """

    is_tried = False

    def resolve(self):
        """Request an embed that isn't stored from its provider, once (up to 10 s); if that
        fails, it is a link."""
        if self.is_tried or self.stored is not None:
            return
        self.is_tried = True
        try:
            self.stored = get_embed(self.url, self.max_width, self.max_height)
        except (EmbedException, OSError, ValueError):
            self.stored = None

    @property
    def hash(self) -> str:
        return get_embed_hash(self.url, self.max_width, self.max_height)

    @cached_property
    def stored(self) -> Embed | None:
        return Embed.objects.filter(hash=self.hash).first()


class LiveEmbedBlock(EmbedBlock):
    """An embed by its URL: resolved when its post is written, a link if that fails."""

    def to_python(self, value):
        if not value:
            return None
        return StoredEmbedValue(
            value,
            getattr(self.meta, "max_width", None),
            getattr(self.meta, "max_height", None),
        )

    value_from_form = to_python

    def normalize(self, value):
        if isinstance(value, StoredEmbedValue):
            return value
        return self.to_python(getattr(value, "url", value))

    def clean(self, value):
        return blocks.URLBlock.clean(self, value)

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        context["embed"] = value.stored
        return context

    class Meta:
        template = "wagtail_live/blocks/embed.html"


class LiveImageChooser(AdminImageChooser):
    """A chooser whose uploads are cleaned, as all images of live posts are."""

    chooser_modal_url_name = "wagtail_live_image_chooser:choose"


class LiveImageChooserBlock(ImageChooserBlock):
    @cached_property
    def widget(self):
        return LiveImageChooser()


class LiveImageBlock(ImageBlock):
    """An image that uses its own alt text if the post has none."""

    def __init__(self, required=True, **kwargs):
        super().__init__(required=required, **kwargs)
        chooser = LiveImageChooserBlock(required=required)
        chooser.set_name("image")
        self.child_blocks["image"] = chooser

    def normalize(self, value):
        image = super().normalize(value)
        if image and image.contextual_alt_text is None:
            image.contextual_alt_text = image.default_alt_text
        return image

    class Meta:
        template = "wagtail_live/blocks/image.html"


class LivePostBlock(blocks.StreamBlock):
    """The blocks of a live post. To offer more, name a subclass in the setting
    ``WAGTAIL_LIVE_POST_BLOCK``."""

    text = blocks.RichTextBlock(
        features=["bold", "italic", "link", "ol", "ul", "blockquote", "strikethrough"],
        template="wagtail_live/blocks/text.html",
        label=_("Text"),
    )
    image = LiveImageBlock(label=_("Image"))
    embed = LiveEmbedBlock(label=_("Embed"))
