"""How the live blogs of the site are."""

import json
import sys

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from ...monitoring.counters import counters
from ...monitoring.status import get_status, probe_bus


class Command(BaseCommand):
    help = (
        "Tells how many channels there are, what is overdue, and whether the bus works, "
        "by sending a message over it. Exits with 1 where something is wrong. The readers "
        "are those of this process: ask the status view for those of a server."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="write JSON")

    def handle(self, *args, **options):
        try:
            status = get_status()
        except DatabaseError as error:
            raise CommandError(
                f"The database does not answer: {error}. Is it there, and migrated?"
            ) from None
        status["bus"] |= probe_bus()
        status["bus"]["last_error"] = counters.describe_error("bus")
        is_bus_well = status["bus"]["state"] in ("connected", "looking")
        status["ok"] = is_bus_well and not status["posts"]["overdue"]
        if options["json"]:
            self.stdout.write(json.dumps(status, indent=2))
        else:
            self.write_lines(status)
        if not status["ok"]:
            sys.exit(1)

    def write_lines(self, status):
        for part in ("channels", "posts", "hub", "bus"):
            values = ", ".join(
                f"{name.replace('_', ' ')}: {as_text(value)}"
                for name, value in status[part].items()
                if value is not None
            )
            self.stdout.write(f"{part.capitalize():9} {values}")
        style = self.style.SUCCESS if status["ok"] else self.style.ERROR
        self.stdout.write(
            style("All is well." if status["ok"] else "Something is wrong.")
        )


def as_text(value):
    """A trouble is when and what."""
    return ", ".join(value) if isinstance(value, list) else value
