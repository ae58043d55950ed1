"""Housekeeping of live pages. Safe to run at any time, even concurrently."""

from django.core.management.base import BaseCommand, CommandError

from ... import cursors
from ...housekeeping import run_jobs


class Command(BaseCommand):
    help = (
        "Publishes scheduled posts that are due, ends live pages that have had no update "
        "for WAGTAIL_LIVE_END_AFTER hours, and removes the records of posts that were "
        "deleted more than WAGTAIL_LIVE_KEEP_TOMBSTONES days ago."
    )

    def handle(self, *args, **options):
        done = run_jobs(cursors.now())
        self.stdout.write(
            f"Published {done['published'] or 0} posts, "
            f"ended {(done['ended'] or 0) + (done['ended_soon'] or 0)} pages, "
            f"purged {done['purged'] or 0} tombstones."
        )
        failed = [name for name, count in done.items() if count is None]
        if failed:
            raise CommandError(
                f"Jobs that failed: {', '.join(failed)}. The errors are in the log of "
                "wagtail_live.housekeeping; run the command again when they are fixed."
            )
