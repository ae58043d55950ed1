"""The command: selects the tables, the rows of the first table, and the database."""

import argparse
import os
from importlib import import_module, metadata
from importlib.util import find_spec

from tests.load.claims import Claim, all_hold
from tests.load.database import migrated_database
from tests.load.processes import CLIENT_CORE, SERVER_CORE
from tests.load.report import show_claims
from tests.load.run import Plan
from tests.load.targets import TARGETS

# Each is a module beside this one; those that are missing are left out.
MODULES = (
    "delivery",
    "streams",
    "pushpin",
    "nchan_engine",
    "costs",
    "buses",
    "painting",
    "writing",
    "desk",
    "newsroom",
    "composing",
    "hostile",
)
TABLES = tuple(name for name in MODULES if find_spec(f"tests.load.{name}"))
SIZES = (100, 1_000, 10_000)
PACKAGES = ("Django", "wagtail", "uvicorn", "uvloop", "httptools", "django-eventstream")


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if all measurements meet their limits."""
    options = parse(arguments)
    plan = Plan(
        options.updates,
        options.interval,
        rounds=options.rounds,
        readers=max(options.readers),
        streams=options.streams,
    )
    # Other programs on the machine make delays longer and derived limits wider.
    cores = "one core" if SERVER_CORE == CLIENT_CORE else "a core each"
    print(
        f"{versions()}; {options.database}; server and client on {cores}; "
        f"load average before: {os.getloadavg()[0]:.1f}"
    )
    claims: list[Claim] = []
    with migrated_database(options.database):
        for name in options.tables:
            table = import_module(f"tests.load.{name}")
            if name == "delivery":
                claims += table.run(options.targets, options.readers, plan)
            else:
                claims += table.run(plan)
    if claims:
        show_claims(claims)
    return 0 if all_hold(claims) else 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.load", description=__doc__)
    parser.add_argument("--tables", type=choice_of(TABLES), default=list(TABLES))
    parser.add_argument("--targets", type=choice_of(TARGETS), default=list(TARGETS))
    parser.add_argument("--readers", type=numbers, default=list(SIZES))
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--interval", type=float, default=0.5, help="seconds, at least")
    parser.add_argument(
        "--rounds", type=int, default=1, help="of the first table; the quietest counts"
    )
    parser.add_argument(
        "--streams", type=int, default=50_000, help="of the table of that name"
    )
    parser.add_argument(
        "--database", choices=["postgres", "sqlite"], default="postgres"
    )
    return parser.parse_args(arguments)


def choice_of(known):
    def chosen(text: str) -> list[str]:
        """Return the known names that contain one of those given."""
        wanted = text.split(",")
        found = [name for name in known if any(word in name for word in wanted)]
        if not found:
            raise argparse.ArgumentTypeError(f"choose from: {', '.join(known)}")
        return found

    return chosen


def numbers(text: str) -> list[int]:
    return sorted(int(number) for number in text.split(","))


def versions() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)
