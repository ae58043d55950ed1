"""The field that holds the content of a live post."""

from wagtail.fields import StreamField

from .. import conf


class PostContentField(StreamField):
    """A ``StreamField`` whose blocks a site chooses by ``WAGTAIL_LIVE_POST_BLOCK``.

    Migrations know it without blocks, so that another choice of blocks needs no
    migration of this app.
    """

    def __init__(self, *args, **kwargs):
        kwargs.pop("block_lookup", None)
        super().__init__([], **kwargs)

    @property
    def stream_block(self):
        block_class = conf.get_post_block()
        if type(self.__dict__.get("_stream_block")) is not block_class:
            block = block_class()
            block.set_meta_options(self.block_opts)
            self.__dict__["_stream_block"] = block
        return self.__dict__["_stream_block"]

    def deconstruct(self):
        name, _, _, kwargs = super().deconstruct()
        kwargs["block_lookup"] = {}
        return name, "wagtail.fields.StreamField", [[]], kwargs
