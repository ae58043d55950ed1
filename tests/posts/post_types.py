"""Two page types of a site whose posts have different blocks."""

from wagtail import blocks

from wagtail_live.blocks import LiveGalleryBlock, LiveImageBlock, LivePostBlock


class MatchBlock(LivePostBlock):
    """The blocks of the package, and a score."""

    score = blocks.CharBlock(label="Score line")


class ArticleBlock(blocks.StreamBlock):
    """Blocks with names of their own, and no embeds or tables."""

    note = blocks.CharBlock()
    body = blocks.RichTextBlock()
    photo = LiveImageBlock()
    photos = LiveGalleryBlock()


an_instance = blocks.StreamBlock([("line", blocks.CharBlock())])
