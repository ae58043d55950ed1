"""Write a static archive of a live blog."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from .....management.commands.live_post import find_channel
from .....models import ChannelState
from ...progress import Progress
from ...static_pages import StaticArchive, count_posts, is_public
from ...stores import open_writer

POSTS_PER_PAGE = 100


class Command(BaseCommand):
    help = (
        "Writes the pages, images, styles and feeds of an ended live blog as files that "
        "need no server. They contain what readers see, and no scripts."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "page", help="Id, path or slug of the page, or a channel id."
        )
        parser.add_argument("output", help='A folder, or a name that ends in ".zip".')
        parser.add_argument(
            "--posts-per-page", type=int, default=POSTS_PER_PAGE, metavar="NUMBER"
        )
        parser.add_argument(
            "--url", default="", help="Where the archive will be, for its feeds."
        )
        parser.add_argument(
            "--not-ended", action="store_true", help="Archive a blog that goes on."
        )
        parser.add_argument(
            "--include-private",
            action="store_true",
            help="Archive a page that not everybody can see: its files have no login.",
        )

    def handle(self, *args, page, output, **options):
        channel = find_channel(page)
        may_be_private = options["include_private"]
        if channel.state != ChannelState.ENDED and not options["not_ended"]:
            raise CommandError(
                "The live blog has not ended. End it on the live desk, or give --not-ended."
            )
        if not may_be_private and not is_public(channel):
            raise CommandError(
                "The page is private or not published. Everybody who gets the archive can "
                "read it. To write it all the same, give --include-private."
            )
        if options["posts_per_page"] < 1:
            raise CommandError("--posts-per-page must be at least 1.")
        progress = Progress(self.stderr, "Archiving", count_posts(channel))
        try:
            archive = StaticArchive(
                channel,
                open_writer(Path(output), is_private=not is_public(channel)),
                progress,
                size=options["posts_per_page"],
                url=options["url"],
                includes_private=may_be_private,
            )
            count = archive.write()
        except OSError as error:
            raise CommandError(f"{output} can't be written: {error}") from None
        progress.finish()
        self.stdout.write(f"Archived {count} posts in {output}.")
        for url in archive.missing:
            self.stderr.write(f"Missing: {url.removeprefix('https://archive.invalid')}")
