"""Which page was made of which post."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ...models import Channel, LivePost
from ...models.channel import PAGE_MODEL


class PostArticle(models.Model):
    """A page that was made of a post. No foreign key to the post, since one that was
    deleted can come back."""

    page = models.OneToOneField(
        PAGE_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("page")
    )
    page.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="articles"
    )
    post_id = models.UUIDField(db_index=True)
    is_linked = models.BooleanField(
        _("linked from the post"),
        default=False,
        help_text=_("The post links to the page while it is published."),
    )

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def __str__(self):
        return f"{self.page_id} ({self.post_id})"

    def find_post(self) -> LivePost | None:
        return self.channel.posts.filter(pk=self.post_id).first()
