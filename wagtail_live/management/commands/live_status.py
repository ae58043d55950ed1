"""The status of the live blogs of the site."""

import json
import sys

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from ...monitoring.counters import counters
from ...monitoring.status import get_status, probe_bus


class Command(BaseCommand):
    help = (
        "Shows the number of channels, the posts that are overdue, and the state of the "
        "bus, which is tested with a message. Exits with 1 if there is a problem. Readers "
        "are counted in this process only; the status view counts those of a server."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Write JSON.")

    def handle(self, *args, **options):
        try:
            status = get_status()
        except DatabaseError as error:
            raise CommandError(
                f"The database can't be read: {error}. Has it been migrated?"
            ) from None
        status["bus"] |= probe_bus()
        status["bus"]["last_error"] = counters.describe_error("bus")
        is_bus_working = status["bus"]["state"] in ("connected", "looking")
        status["ok"] = is_bus_working and not status["posts"]["overdue"]
        if options["json"]:
            self.stdout.write(json.dumps(status, indent=2))
        else:
            self.write_lines(status)
        if not status["ok"]:
            sys.exit(1)

    def write_lines(self, status):
        for part in filter(status.get, ("channels", "posts", "hub", "bus", "engine")):
            values = ", ".join(
                f"{name.replace('_', ' ')}: "
                f"{', '.join(value) if isinstance(value, list) else value}"
                for name, value in status[part].items()
                if value is not None
            )
            self.stdout.write(f"{part.capitalize():9} {values}")
        if status["ok"]:
            self.stdout.write(self.style.SUCCESS("No problems found."))
        else:
            self.stdout.write(self.style.ERROR("There is a problem."))
