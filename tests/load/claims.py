"""What the measurements have to reach."""

from collections.abc import Iterable
from typing import NamedTuple


class Claim(NamedTuple):
    """``beside`` names what the limit was derived from in the same run."""

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
    """The claim that a value is at most so many times another of the same run."""
    beside = f"{factor:g} times {name}'s {other:,.1f} {unit}"
    return Claim(what, value, factor * other, unit, beside)


def all_hold(claims: Iterable[Claim]) -> bool:
    return all(claim.holds for claim in claims)
