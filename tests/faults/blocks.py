"""A site's block with a bug."""

from wagtail import blocks

from wagtail_live.blocks import LivePostBlock


class BrokenBlock(blocks.CharBlock):
    def render(self, value, context=None):
        raise LookupError("This block can't be rendered.")


class PostBlockWithBroken(LivePostBlock):
    broken = BrokenBlock()
