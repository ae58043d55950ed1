"""The demo's images, drawn during setup so that the repository has no binary files."""

from collections.abc import Callable
from typing import NamedTuple

from . import charts, scenes
from .canvas import Canvas


class Drawing(NamedTuple):
    draw: Callable[[], Canvas]
    alt: str


DRAWINGS = {
    "fjord": Drawing(
        scenes.fjord,
        "A white rocket with red bands on its rail in the snow, in front of a fjord and "
        "mountains at dawn",
    ),
    "arming": Drawing(
        scenes.arming,
        "Two technicians in orange jackets at the foot of the rocket, one with a hand "
        "on a fin",
    ),
    "balloon": Drawing(
        scenes.balloon,
        "A person in a red jacket releases a white balloon with a small box on its string",
    ),
    "wind": Drawing(
        charts.wind,
        "Line chart of wind speed by height: 6 metres per second at the ground, 14 at "
        "four kilometres, 7 at ten. The limit is 16.",
    ),
    "control": Drawing(
        scenes.control,
        "Five people with headsets, seen from behind, in front of a big screen that "
        "shows the planned trajectory",
    ),
    "calmer_wind": Drawing(
        charts.calmer_wind,
        "Line chart of wind speed by height: the second balloon measured up to 17 metres "
        "per second, the fourth up to 13. The limit is 16.",
    ),
    "liftoff": Drawing(
        scenes.liftoff,
        "The rocket rises on a long flame, leaving the empty rail in white smoke",
    ),
    "descent": Drawing(
        scenes.descent,
        "The payload hangs under a red and white parachute, above a layer of clouds",
    ),
    "altitude": Drawing(
        charts.altitude,
        "Line chart of height over time: up to 251.3 kilometres after 4.2 minutes, "
        "down to 13 after 8, then slowly under the parachute until minute 20",
    ),
    "recovery": Drawing(
        scenes.recovery,
        "The crane of a red boat lifts the dripping payload out of the fjord",
    ),
}
