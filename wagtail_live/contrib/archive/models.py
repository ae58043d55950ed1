"""The usernames that imported posts had on their own site."""

from __future__ import annotations

from django.db import models

from ...models import LivePost


class ImportedPost(models.Model):
    """The authors of an imported post whose accounts this site doesn't have, so that the
    next export names them again."""

    post = models.OneToOneField(
        LivePost, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    post.wagtail_reference_index_ignore = True
    # ``author``, a username, and ``coauthors``, usernames or ``None`` in their order.
    accounts = models.JSONField(default=dict)

    objects: models.Manager[ImportedPost] = models.Manager()

    def __str__(self):
        return str(self.pk)
