"""Everything that is due on live pages; safe to run at any time, in any number."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from ...housekeeping import keep_house


class Command(BaseCommand):
    help = (
        "Publishes live posts that are due, ends live pages that nobody has written for "
        "WAGTAIL_LIVE_END_AFTER hours, and forgets which posts were deleted more than "
        "WAGTAIL_LIVE_KEEP_TOMBSTONES days ago."
    )

    def handle(self, *args, **options):
        done = keep_house(timezone.now())
        self.stdout.write(
            f"Published {done.published} posts, ended {done.ended} pages, purged "
            f"{done.purged} tombstones."
        )
