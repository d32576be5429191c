"""A modem's signal over time as a line of an inline picture. Pure; for `web.views.modems`.

The picture is 600 wide and 80 high; its time runs to the right, its signal from -115 dBm at the
bottom to -50 at the top. Where nothing was measured there is no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

WIDTH: Final = 600
HEIGHT: Final = 80
_WEAKEST: Final = -115.0
_STRONGEST: Final = -50.0
#: Two points further apart (seconds) are not joined: the box was off.
_GAP: Final = 6.5 * 3600
_FINE_GAP: Final = 1000.0
#: A share of the time shown from which on nobody would call its first measure late.
_WHOLE: Final = 0.9


class Point(Protocol):
    """A moment (seconds since 1970), a signal in dBm, the share of the time it was ready."""

    @property
    def at(self) -> float:
        """When, in seconds since 1970."""
        ...

    @property
    def signal(self) -> float | None:
        """In dBm; None: nothing was measured."""
        ...

    @property
    def ready(self) -> float:
        """As a share of 1."""
        ...


@dataclass(frozen=True, slots=True)
class Curve:
    """A path for SVG's ``d``, the extremes of the signal in dBm, the share ready in percent.

    ``young``: since how many seconds anything is measured, 0 where it is all the time shown.
    """

    path: str
    weakest: int
    strongest: int
    ready: int
    young: float = 0.0


class _Same:
    """Points that are the same where they are the very same tuple: comparing them takes long."""

    __slots__ = ("points",)

    def __init__(self, points: tuple[Point, ...]) -> None:
        self.points = points

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.points is other.points

    def __hash__(self) -> int:
        return id(self.points)


def curve(points: Sequence[Point], now: float, seconds: float) -> Curve | None:
    """Return the line of the ``seconds`` that end ``now``; None when nothing was measured.

    One drawn before from the same points is not drawn again: a page with twelve modems is asked
    for by everybody who watches, at each SMS.
    """
    return _kept(_Same(tuple(points)), now, seconds)


@lru_cache(maxsize=256)
def _kept(same: _Same, now: float, seconds: float) -> Curve | None:
    points = same.points
    signals = [point.signal for point in points if point.signal is not None]
    if not signals:
        return None
    ready = round(100 * sum(point.ready for point in points) / len(points))
    gap = _FINE_GAP if seconds <= 86400 else _GAP
    strokes = (_stroke(run, now, seconds) for run in _runs(points, gap))
    since = now - points[0].at
    young = since if since < _WHOLE * seconds else 0.0
    return Curve(" ".join(strokes), round(min(signals)), round(max(signals)), ready, young)


def _runs(points: Iterable[Point], gap: float) -> list[list[tuple[float, float]]]:
    """Return the stretches without a hole, as (moment, signal)."""
    runs: list[list[tuple[float, float]]] = []
    last: float | None = None
    for point in points:
        if point.signal is None:
            last = None
            continue
        if last is None or point.at - last > gap:
            runs.append([])
        runs[-1].append((point.at, point.signal))
        last = point.at
    return runs


def _stroke(run: Sequence[tuple[float, float]], now: float, seconds: float) -> str:
    placed = [f"{_across(at, now, seconds):.0f} {_down(signal):.0f}" for at, signal in run]
    return "M" + "L".join(placed if len(placed) > 1 else placed * 2)


def _across(at: float, now: float, seconds: float) -> float:
    return min(max(0.0, WIDTH * (1 - (now - at) / seconds)), float(WIDTH))


def _down(signal: float) -> float:
    share = (signal - _WEAKEST) / (_STRONGEST - _WEAKEST)
    return HEIGHT * (1 - min(max(share, 0.0), 1.0))
