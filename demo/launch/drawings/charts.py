"""The charts of the launch day, plotted from the numbers in the posts."""

from __future__ import annotations

from .canvas import Canvas, Points

PAPER, INK, MUTED, GRID = "#fbf8f1", "#232d3d", "#66707f", "#e5dfd2"
RED, BLUE, GREY = "#cf4630", "#2c6aa8", "#8b95a5"
LEFT, RIGHT, TOP, BOTTOM = 150, 1500, 190, 770
INSIDE = {"dx": -40, "anchor": "rm"}  # where a curve turns right, and back

HEIGHTS = range(11)  # kilometres
FIRST_BALLOON = [6, 8, 10, 12, 14, 13, 11, 9, 8, 8, 7]  # metres per second
SECOND_BALLOON = [7, 10, 14, 17, 16, 14, 12, 10, 9, 8, 8]
FOURTH_BALLOON = [5, 7, 9, 12, 13, 12, 11, 9, 8, 8, 7]
WIND_LIMIT = 16

GRAVITY = 9.3  # metres per second squared, the mean on the way up
BURN_OUT, APOGEE = 44, 252  # seconds after lift-off
APOGEE_HEIGHT, SPACE = 251.3, 100  # kilometres
PARACHUTE, SPLASHDOWN = 570, 1195
PARACHUTE_HEIGHT = 5.0


class Chart:
    """A chart with axes; ``plot`` converts values to points."""

    def __init__(self, title: str, subtitle: str, x_range, y_range):
        self.canvas = Canvas(color=PAPER)
        self.x_range, self.y_range = x_range, y_range
        self.canvas.text(LEFT - 60, 92, title, INK, 50)
        self.canvas.text(LEFT - 60, 142, subtitle, MUTED, 32)

    def at(self, x: float, y: float) -> tuple[float, float]:
        (first, last), (low, high) = self.x_range, self.y_range
        return (
            LEFT + (x - first) / (last - first) * (RIGHT - LEFT),
            BOTTOM - (y - low) / (high - low) * (BOTTOM - TOP),
        )

    def grid(self, xs, ys, x_label: str) -> None:
        for y in ys:
            self.canvas.line(
                [self.at(self.x_range[0], y), (RIGHT, self.at(0, y)[1])], GRID, 2
            )
            self.canvas.text(LEFT - 22, self.at(0, y)[1], f"{y}", MUTED, 30, "rm")
        for x in xs:
            self.canvas.text(self.at(x, 0)[0], BOTTOM + 24, f"{x}", MUTED, 30, "mt")
        self.canvas.line([(LEFT, BOTTOM), (RIGHT, BOTTOM)], INK, 3)
        self.canvas.text(RIGHT, BOTTOM + 76, x_label, MUTED, 30, "rt")

    def plot(self, values: Points, color: str, width: float = 6) -> None:
        self.canvas.line([self.at(x, y) for x, y in values], color, width)

    def mark(self, x, y, label: str, color: str, dx=28, dy=0, anchor="lm") -> None:
        x, y = self.at(x, y)
        self.canvas.circle(x, y, 13, PAPER)
        self.canvas.circle(x, y, 9, color)
        self.canvas.text(x + dx, y + dy, label, color, 32, anchor, halo=PAPER)

    def limit(self, start, end, label: str, anchor: str) -> None:
        (x, y), end = self.at(*start), self.at(*end)
        self.canvas.dashes((x, y), end, RED, 3)
        self.canvas.text(end[0], end[1] - 14, label, RED, 30, anchor)


def wind() -> Canvas:
    """Draw the wind by height, as the first balloon measured it."""
    chart = _wind_chart("Wind above the range", "First balloon")
    _plot_wind(chart, FIRST_BALLOON, BLUE, "14 m/s at 4 km", **INSIDE)
    return chart.canvas


def calmer_wind() -> Canvas:
    """Draw the wind by height: the second balloon is over the limit, the fourth below."""
    chart = _wind_chart("The wind comes down", "Second and fourth balloon")
    _plot_wind(chart, SECOND_BALLOON, GREY, "second: 17 m/s")
    _plot_wind(chart, FOURTH_BALLOON, BLUE, "fourth: 13 m/s", **INSIDE)
    return chart.canvas


def _wind_chart(title: str, subtitle: str) -> Chart:
    chart = Chart(title, f"{subtitle}, height in kilometres", (0, 24), (0, 10))
    chart.grid(range(0, 25, 4), range(0, 11, 2), "metres per second")
    chart.limit((WIND_LIMIT, 0), (WIND_LIMIT, 10), f"limit {WIND_LIMIT}", "ms")
    return chart


def _plot_wind(chart: Chart, speeds, color: str, label: str, **position) -> None:
    chart.plot(list(zip(speeds, HEIGHTS, strict=True)), color)
    for speed, height in zip(speeds, HEIGHTS, strict=True):
        chart.canvas.circle(*chart.at(speed, height), 8, color)
    strongest = max(speeds)
    chart.mark(strongest, speeds.index(strongest), label, color, **position)


def altitude() -> Canvas:
    """Draw the height over time, up to the splashdown."""
    chart = Chart("The flight of Ternen 4", "Height in kilometres", (0, 21), (0, 280))
    chart.grid(range(0, 21, 4), range(0, 251, 50), "minutes after lift-off")
    chart.limit((0, SPACE), (21, SPACE), "100 km: space begins", "rs")
    seconds = range(0, SPLASHDOWN + 1, 5)
    chart.plot([(t / 60, height_at(t)) for t in seconds], BLUE, 7)
    chart.mark(BURN_OUT / 60, height_at(BURN_OUT), "burn-out", INK)
    chart.mark(APOGEE / 60, APOGEE_HEIGHT, "apogee 251.3 km", INK, dy=-34)
    chart.mark(PARACHUTE / 60, PARACHUTE_HEIGHT, "parachute", INK, dx=10, dy=-38)
    chart.mark(SPLASHDOWN / 60, 0, "splashdown", INK, dx=0, dy=-38, anchor="mm")
    return chart.canvas


def height_at(second: float) -> float:
    """Return the height in kilometres: thrust, coasting, braking by air and parachute."""
    if second < BURN_OUT:
        return _coasting(BURN_OUT) * (second / BURN_OUT) ** 1.9
    if second < PARACHUTE:
        braked = PARACHUTE_HEIGHT + 0.09 * (PARACHUTE - second)
        return max(_coasting(second), braked if second > APOGEE else 0)
    share = (SPLASHDOWN - second) / (SPLASHDOWN - PARACHUTE)
    return PARACHUTE_HEIGHT * max(0, share)


def _coasting(second: float) -> float:
    return APOGEE_HEIGHT - GRAVITY * (second - APOGEE) ** 2 / 2000
