"""Pages that editors make of posts."""

from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.models import Page

from wagtail_live.blocks import LivePostBlock
from wagtail_live.models import LivePage


class StoryPage(Page):
    """A page whose blocks are almost those of a post."""

    body = StreamField(
        [
            (
                "text",
                blocks.RichTextBlock(features=["h3", "bold", "link", "blockquote"]),
            ),
            ("image", ImageBlock()),
            ("embed", EmbedBlock()),
        ],
        blank=True,
    )
    content_panels = [*Page.content_panels, FieldPanel("body")]
    template = "news/story_page.html"


class BriefPage(Page):
    """A page with other blocks, below a blog only."""

    teaser = StreamField([("teaser", blocks.CharBlock())], blank=True)
    parts = StreamField(
        [
            ("photo", blocks.StructBlock([("picture", ImageChooserBlock())])),
            ("paragraph", blocks.TextBlock()),
        ],
        blank=True,
    )
    live_article_body = "parts"
    content_panels = [*Page.content_panels, FieldPanel("parts")]
    parent_page_types = ["news.StormPage"]


class StormPage(LivePage):
    """A live page that allows two types of pages."""

    live_article_page_types = ["news.StoryPage", BriefPage]
    subpage_types = ["news.BriefPage"]


class AllBlocks(LivePostBlock):
    """The blocks of a post, and one of the site's own."""

    class Meta:
        pass

    score = blocks.StructBlock(
        [("home", blocks.CharBlock()), ("goals", blocks.IntegerBlock())], label="Score"
    )
