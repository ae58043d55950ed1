"""The command: selects the tables, the rows of the first table, and the database."""

import argparse
import re
import shlex
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.db import connection

from tests.load.claims import Claim, all_hold
from tests.load.database import migrated_database
from tests.load.page import claims_table, conditions, fill
from tests.load.report import show_claims, take_told
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
    claims: list[Claim] = []
    with migrated_database(options.database):
        where = conditions(database_version())
        print(where)
        for name in options.tables:
            found = run_table(name, options, plan)
            claims += found
            told = take_told()
            if options.page and told:
                repeat = f"Repeat it with `{command(name, arguments)}`."
                fill(
                    options.page, name, f"{where} {repeat}", *told, *claims_table(found)
                )
    if claims:
        show_claims(claims)
    return 0 if all_hold(claims) else 1


def run_table(name: str, options: argparse.Namespace, plan: Plan) -> list[Claim]:
    table = import_module(f"tests.load.{name}")
    if name == "delivery":
        return table.run(options.targets, options.readers, plan)
    return table.run(plan)


def database_version() -> str:
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


def command(name: str, arguments: list[str] | None) -> str:
    """Return the command that repeats one table of a run."""
    given = shlex.join(sys.argv[1:] if arguments is None else arguments)
    others = re.sub(r"--(tables|page)[ =]\S+ ?", "", given)
    return f"python -m tests.load --tables {name} {others}".strip()


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
    parser.add_argument(
        "--page", type=Path, help="writes the tables into this page, docs/measured.md"
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
