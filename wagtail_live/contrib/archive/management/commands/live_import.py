"""Import posts into a live page."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from .....management.commands.live_post import find_channel
from .....models import PostStatus
from ...added_files import AddedFiles
from ...channels import describe_archive, restore_blog
from ...downloads import ImageFetcher
from ...entries import Invalid
from ...exporting import read_statuses
from ...formats import FORMATS, find_format, read_entries
from ...formats.lines import read_blog
from ...importing import Import
from ...progress import Progress
from ...stores import open_reader

MAX_NAMES = 20


class Command(BaseCommand):
    help = (
        "Imports posts into a live page: an export of live_export, WordPress' Liveblog "
        "plugin (WXR or the JSON of its REST API), Superdesk Live Blog (the JSON of its "
        "API), or Markdown with front matter. A post is imported once, however often the "
        "command runs. Posts that can't be imported are reported with their lines."
    )
    stealth_options = ("fetcher",)

    def add_arguments(self, parser):
        parser.add_argument(
            "page", help="Id, path or slug of the page, or a channel id."
        )
        parser.add_argument("paths", nargs="+", help="Files or folders.")
        parser.add_argument("--format", choices=FORMATS, help="If it can't be told.")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Check everything and change nothing. Images are not downloaded.",
        )
        parser.add_argument(
            "--blog", default="", help="The id or slug of a live blog in a WXR file."
        )
        parser.add_argument(
            "--status",
            default=PostStatus.PUBLISHED.value,
            help="The posts to import from Superdesk, with commas, or all.",
        )
        parser.add_argument(
            "--state",
            choices=["ended", "live", "keep"],
            default="ended",
            help="The state of a page that has not started, unless an export has one.",
        )
        parser.add_argument(
            "--link-images",
            action="store_true",
            help="Link to images that can't be downloaded, instead of leaving out posts.",
        )
        parser.add_argument(
            "--trust-html",
            action="store_true",
            help="Don't clean rich text, and accept raw HTML. Only for your own exports.",
        )

    def handle(self, *args, page, paths, fetcher=None, **options):
        self.options = options
        self.fetch = (fetcher or ImageFetcher()).fetch
        channel = find_channel(page)
        try:
            self.statuses = tuple(read_statuses(options["status"]))
        except ValueError:
            names = ", ".join(PostStatus.values)
            raise CommandError(f"--status is all, or some of: {names}.") from None
        try:
            sources = [
                (options["format"] or find_format(path), path)
                for path in map(Path, paths)
            ]
            totals = [self.import_path(channel, *source) for source in sources]
            if not options["dry_run"]:
                self.restore(channel, sources)
        except (Invalid, OSError) as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if refused := sum(totals):
            raise CommandError(f"{refused} posts could not be imported.")

    def import_path(self, channel, name, path):
        """Import a file or folder; return the number of posts that were refused."""
        is_dry = self.options["dry_run"]
        files = AddedFiles(open_reader(path), self.fetch, is_dry=is_dry)
        found = Import(
            channel,
            files,
            self.report,
            is_dry=is_dry,
            is_trusted=self.options["trust_html"],
            links_images=self.options["link_images"],
        )
        entries = read_entries(
            name, path, blog=self.options["blog"], statuses=self.statuses
        )
        progress = Progress(self.stderr, "Importing", count_lines(name, path))
        found.run(entries, progress)
        progress.finish()
        self.summarise(path, found, files)
        return found.counts["refused"]

    def report(self, problem):
        self.stderr.write(f"{problem.place}: {problem.reason}")

    def summarise(self, path, found, files):
        counts, is_dry = found.counts, self.options["dry_run"]
        self.stdout.write(
            f"{path}: {counts['new']} posts {'to import' if is_dry else 'imported'}, "
            f"{counts['imported']} were there, {counts['deleted']} were deleted, "
            f"{counts['refused']} refused, {files.added} files added."
        )
        if found.unknown:
            names = ", ".join(sorted(found.unknown)[:MAX_NAMES])
            self.stdout.write(
                f"Authors that this site doesn't have: {names}. Their names are shown."
            )

    def restore(self, channel, sources):
        """Restore the state of an exported blog, or end the one that was imported."""
        for name, path in sources:
            blog = read_blog(path) if name == "wagtail-live" else {}
            if not blog and self.options["state"] != "keep":
                blog = describe_archive(channel, self.options["state"] == "ended")
            try:
                restore_blog(channel, blog)
            except Invalid as error:
                raise Invalid(f"The state of the blog: {error}") from None


def count_lines(name, path):
    """Return the number of posts, 0 if it is not known before they are read."""
    if name != "wagtail-live":
        return 0
    reader = open_reader(path)
    file = "posts.jsonl" if reader.exists("posts.jsonl") else path.name
    return sum(map(bool, reader.read(file).splitlines())) if reader.exists(file) else 0
