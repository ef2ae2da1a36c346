"""Price against context: a drawing with a link to the row of each point."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from litellm_discover.core.report.html import Html, joined, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from litellm_discover.core.report.models import Listed

# In units of the drawing, which a screen of usual width shows as pixels.
_WIDTH, _HEIGHT = 1180, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 30, 44
_GRID = 9  # points nearer than that are one: each stays large enough for a finger, and there are never too many
_RADIUS, _GROWTH, _LARGEST = 5.0, 2.0, 14.0
_NAMED = 4


@dataclass(frozen=True, slots=True)
class _Axis:
    """A logarithmic axis from ``low`` to ``high``, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Where a value is drawn."""
        share = (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return self.start + share * (self.end - self.start)

    def ticks(self) -> Iterator[float]:
        """Values to be named: 1, 2, 5 in each decade; 1 alone where there are many decades."""
        decades = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        for decade in decades:
            for step in (1, 2, 5) if len(decades) <= 5 else (1,):
                value = float(f"{step}e{decade}")
                if self.low <= value <= self.high:
                    yield value


def _axis(values: Sequence[float], start: float, end: float) -> _Axis:
    """An axis with some room on both sides, and never without a length."""
    low, high = min(values) / 1.5, max(values) * 1.5
    return _Axis(low, high, start, end)


def plot(listed: Sequence[Listed]) -> Html:
    """The drawing, and how many models are not in it. The n-th model's row has the id ``m<n>``."""
    places = {
        number: (float(each.model.limit.context), float(each.model.cost.input))
        for number, each in enumerate(listed)
        if each.model.limit.context and each.model.cost
    }
    left_out = len(listed) - len(places)
    said = f"{left_out:,} of {len(listed):,} models are not in the plot: their price or their context is unknown."
    note = tag("p", said, class_="quiet") if left_out else Html()
    return joined([_drawing(places, listed), note]) if places else note


def _drawing(places: Mapping[int, tuple[float, float]], listed: Sequence[Listed]) -> Html:
    # Nothing has a logarithm of 0: what costs nothing has a line of its own below the others.
    prices = [price for _, price in places.values() if price > 0]
    free = len(prices) < len(places)
    bottom = _HEIGHT - _BOTTOM
    across = _axis([context for context, _ in places.values()], _LEFT, _WIDTH - _RIGHT)
    up = _axis(prices or [1.0], bottom - (30 if free else 0), _TOP)
    spots = {
        number: (across.place(context), up.place(price) if price > 0 else bottom - 10)
        for number, (context, price) in places.items()
    }
    points: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for number, (x, y) in spots.items():
        points[round(x / _GRID), round(y / _GRID)].append(number)
    marks = (_point([spots[number] for number in near], near, listed) for _, near in sorted(points.items()))
    parts = (*_lines(across, up, bottom, free=free), tag("g", joined(marks, "\n"), id="points"))
    return tag("svg", *parts, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="group", aria_labelledby="plot-title")


def _point(spots: Sequence[tuple[float, float]], numbers: Sequence[int], listed: Sequence[Listed]) -> Html:
    """One point for models that are near each other, in the midst of them; it grows with their number."""
    names = [listed[number].model.name for number in numbers]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    first = listed[numbers[0]].model
    what = f"{first.limit.context:,} tokens, ${first.cost.input:f} per 1M" if first.cost else ""
    radius = min(_RADIUS + _GROWTH * (len(numbers) - 1) ** 0.5, _LARGEST)
    x, y = (sum(ways) / len(spots) for ways in zip(*spots, strict=True))
    circle = tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{radius:.1f}")
    label = f"{', '.join(names[:_NAMED])}{more}: {'about ' if more or len(names) > 1 else ''}{what}"
    return tag("a", circle, href=f"#m{numbers[0]}", aria_label=label, data_m=" ".join(map(str, numbers)))


def _lines(across: _Axis, up: _Axis, bottom: float, *, free: bool) -> Iterable[Html]:
    """The grid with its numbers and the names of both axes; a screen reader hears the points instead."""
    parts = []
    for value in across.ticks():
        x = f"{across.place(value):.0f}"
        parts.append(tag("line", x1=x, x2=x, y1=str(_TOP), y2=f"{bottom}"))
        parts.append(tag("text", _short(value), x=x, y=f"{bottom + 20}", text_anchor="middle"))
    heights = [(up.place(value), f"{value:g}") for value in up.ticks()]
    for height, label in [*heights, *([(bottom - 10.0, "0")] if free else [])]:
        y = f"{height:.0f}"
        parts.append(tag("line", x1=str(_LEFT), x2=str(_WIDTH - _RIGHT), y1=y, y2=y))
        parts.append(tag("text", label, x=str(_LEFT - 8), y=f"{height + 4:.0f}", text_anchor="end"))
    parts.append(tag("text", "Context, tokens →", x=str(_WIDTH - _RIGHT), y=f"{_HEIGHT - 4}", text_anchor="end"))
    parts.append(tag("text", "↑ Input, $ per 1M tokens", x="0", y="14"))
    return [tag("g", *parts, aria_hidden="true", class_="grid")]


def _short(tokens: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if tokens >= size:
            return f"{tokens / size:g}{unit}"
    return f"{tokens:g}"
