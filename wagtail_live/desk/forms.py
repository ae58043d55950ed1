"""The form of a live post."""

from wagtail.admin.panels import FieldPanel, ObjectList

from ..models import LivePost

post_panel = ObjectList(
    [
        FieldPanel("title"),
        FieldPanel("content"),
        FieldPanel("author_name"),
        FieldPanel("is_key_event"),
        FieldPanel("show"),
    ]
).bind_to_model(LivePost)
