"""The limits that the measurements must meet."""

from collections.abc import Iterable
from typing import NamedTuple


class Claim(NamedTuple):
    """A limit; ``beside`` names the value of the same run that it was derived from."""

    what: str
    value: float
    limit: float
    unit: str = ""
    beside: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        if self.at_least:
            return self.value >= self.limit
        return self.value <= self.limit

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        return [
            self.what,
            f"{self.value:,.2f} {self.unit}".rstrip(),
            f"{sign} {self.limit:,.2f} {self.unit}".rstrip(),
            self.beside,
            "pass" if self.holds else "**FAIL**",
        ]


def times(what: str, value: float, factor: float, other: float, unit: str, name: str):
    """Return the claim that a value is at most a multiple of another from the same run."""
    beside = f"{value:,.1f} {unit} to {name}'s {other:,.1f} {unit}"
    return Claim(what, value / other, factor, "×", beside)


def all_hold(claims: Iterable[Claim]) -> bool:
    return all(claim.holds for claim in claims)
