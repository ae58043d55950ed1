"""Export a live blog with all of its data."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from .....management.commands.live_post import find_channel
from .....models import PostStatus
from ...exporting import Export, read_statuses, write_export
from ...progress import Progress
from ...stores import open_writer


class Command(BaseCommand):
    help = (
        "Exports a live page into a folder, or into a zip file: posts as lines of JSON, "
        "the images and files in them, and the state of the blog. live_import and "
        "live_post read the lines. Only the owner of the files can read them."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "page", help="Id, path or slug of the page, or a channel id."
        )
        parser.add_argument(
            "output", help='A folder, a name that ends in ".zip", or "-" for the lines.'
        )
        parser.add_argument(
            "--status",
            default=PostStatus.PUBLISHED.value,
            help=(
                "The posts to export, with commas: "
                f"{', '.join(PostStatus.values)}; or all. Only published by default."
            ),
        )

    def handle(self, *args, page, output, status, **options):
        channel = find_channel(page)
        try:
            statuses = read_statuses(status)
        except ValueError:
            names = ", ".join(PostStatus.values)
            raise CommandError(f"--status is all, or some of: {names}.") from None
        if output == "-":
            for line in Export(channel, statuses, name_by_id).make_lines():
                self.stdout.write(line)
            return
        self.export(channel, statuses, Path(output))

    def export(self, channel, statuses, path):
        total = Export(channel, statuses, name_by_id).posts.count()
        progress = Progress(self.stderr, "Exporting", total)
        try:
            writer = open_writer(path, is_private=True)
            count, files = write_export(channel, statuses, writer, progress)
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error}") from None
        progress.finish()
        self.stdout.write(f"Exported {count} posts and {len(files)} files to {path}.")
        if files.missing:
            raise CommandError("\n".join(files.missing))


def name_by_id(model, key):
    """Lines alone have no files: a file is named by its id on this site."""
    return f"{model._meta.model_name}:{key}"
