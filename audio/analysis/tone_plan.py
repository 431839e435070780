"""Call-progress tones of the world: lines, cadence, and what a tone means, as the standards have them.

May not decide: it is a table and how far a measured line or length may lie from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from state.words import SignalCondition

LINE_SHARE = 0.025
"""A line may be off by so much: 2 % in the switch or a converter, the rest for measuring it in 40 ms."""
LENGTH_SHARE = 0.1
LENGTH_S = 0.03
"""A length may be off by 10 % (GB/T 3380 allows its cadences that much) and by a frame and a half."""

_RING, _BUSY, _TONE = SignalCondition.RINGBACK, SignalCondition.BUSY, SignalCondition.TONE
_Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Step:
    """Lines that sound for a while, and the pause behind."""

    hz: tuple[float, ...]
    """Ascending; none: any one or two lines within UNLISTED_HZ."""
    on: _Span
    off: _Span

    def heard(self, hz: tuple[float, ...]) -> bool:
        """Whether these measured lines (ascending) are this step's."""
        if not self.hz:
            return UNLISTED_HZ[0] <= hz[0] and hz[-1] <= UNLISTED_HZ[1]
        if len(hz) != len(self.hz):
            return False
        return all(abs(a - b) <= LINE_SHARE * b for a, b in zip(hz, self.hz, strict=True))

    def distance(self, hz: tuple[float, ...], on_s: float) -> float:
        """How far measured lines and a length are off, relative, summed."""
        lines = sum(abs(a / b - 1.0) for a, b in zip(hz, self.hz, strict=False))
        middle_s = 0.5 * (self.on[0] + self.on[1])
        return lines + (abs(on_s / middle_s - 1.0) if middle_s < inf else 0.0)

    def ended(self, on_s: float, cut: bool) -> bool:
        """Whether it can have ended after so long; `cut`: its begin was not heard. An endless one cannot."""
        return self.on[1] < inf and on_s <= self.on[1] and (cut or on_s >= self.on[0])

    def paused(self, off_s: float) -> bool:
        """Whether the pause behind can have been so long."""
        return self.off[0] <= off_s <= self.off[1]


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone of one country."""

    condition: SignalCondition
    name: str
    where: str
    steps: tuple[Step, ...]


def _about(nominal_s: float) -> _Span:
    room_s = LENGTH_SHARE * nominal_s + LENGTH_S
    return nominal_s - room_s, nominal_s + room_s


def _tone(
    condition: SignalCondition, name: str, where: str, hz: tuple[float, ...], *lengths_s: float
) -> Tone:
    """A tone of one set of lines: seconds on, off, on, off; no length: without pause."""
    if not lengths_s:
        return Tone(condition, name, where, (Step(hz, (0.0, inf), (0.0, 0.0)),))
    pairs = zip(lengths_s[::2], lengths_s[1::2], strict=True)
    return Tone(condition, name, where, tuple(Step(hz, _about(on), _about(off)) for on, off in pairs))


def _country(where: str, hz: tuple[float, ...]) -> tuple[Tone, ...]:
    """What most countries have but for the line: ring-back 1 s of 5, busy and congestion of E.180."""
    return (
        _tone(_RING, RING, where, hz, 1.0, 4.0),
        _tone(_BUSY, BUSY, where, hz, 0.5, 0.5),
        _tone(_BUSY, CONGESTION, where, hz, 0.25, 0.25),
        _tone(_TONE, DIAL, where, hz),
    )


RING = "ring-back"
BUSY = "busy tone"
CONGESTION = "congestion tone"
NO_NUMBER = "number unobtainable"
DIAL = "dial tone"
WAITING = "call waiting"

_CHINA = (
    _tone(_RING, RING, "China", (450.0,), 1.0, 4.0),
    _tone(_BUSY, BUSY, "China", (450.0,), 0.35, 0.35),
    _tone(_BUSY, CONGESTION, "China", (450.0,), 0.7, 0.7),
    _tone(_BUSY, NO_NUMBER, "China", (450.0,), 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4),
    _tone(_TONE, DIAL, "China", (450.0,)),
    _tone(_TONE, WAITING, "China", (450.0,), 0.4, 4.0),
    _tone(_TONE, "trunk call notice", "China", (450.0,), 0.2, 0.2, 0.2, 0.6),
    _tone(_TONE, "howler", "China", (950.0,)),
)
_NORTH_AMERICA = (
    _tone(_RING, RING, "North America", (440.0, 480.0), 2.0, 4.0),
    _tone(_BUSY, BUSY, "North America", (480.0, 620.0), 0.5, 0.5),
    _tone(_BUSY, CONGESTION, "North America", (480.0, 620.0), 0.25, 0.25),
    _tone(_TONE, DIAL, "North America, United Kingdom, Hong Kong", (350.0, 440.0)),
    _tone(_TONE, "recall dial tone", "North America", (350.0, 440.0), 0.1, 0.1),
    _tone(_TONE, WAITING, "North America", (440.0,), 0.3, 9.7),
)
_HONG_KONG_TAIWAN = (
    _tone(_RING, RING, "Hong Kong", (440.0, 480.0), 0.4, 0.2, 0.4, 3.0),
    _tone(_RING, RING, "Taiwan, Korea", (440.0, 480.0), 1.0, 2.0),
    _tone(_BUSY, NO_NUMBER, "Hong Kong", (480.0, 620.0)),
)
_UNITED_KINGDOM = (
    _tone(_RING, RING, "United Kingdom, New Zealand", (400.0, 450.0), 0.4, 0.2, 0.4, 2.0),
    _tone(_BUSY, BUSY, "United Kingdom", (400.0,), 0.375, 0.375),
    _tone(_BUSY, CONGESTION, "United Kingdom", (400.0,), 0.4, 0.35, 0.225, 0.525),
    _tone(_BUSY, NO_NUMBER, "United Kingdom", (400.0,)),
    _tone(_TONE, WAITING, "United Kingdom", (400.0,), 0.1, 4.0),
)
_EUROPE = (
    *_country("Europe", (425.0,)),
    _tone(_BUSY, CONGESTION, "Spain, Italy, Norway", (425.0,), 0.2, 0.2),
    _tone(_BUSY, CONGESTION, "Sweden", (425.0,), 0.25, 0.75),
    _tone(_BUSY, CONGESTION, "Spain", (425.0,), 0.2, 0.2, 0.2, 0.2, 0.2, 0.6),
    _tone(_BUSY, BUSY, "Greece, Finland", (425.0,), 0.3, 0.3),
    _tone(_RING, RING, "Sweden", (425.0,), 1.0, 5.0),
    _tone(_RING, RING, "Spain", (425.0,), 1.5, 3.0),
    _tone(_RING, RING, "Russia", (425.0,), 0.8, 3.2),
    _tone(_BUSY, BUSY, "Russia", (425.0,), 0.4, 0.4),
    _tone(_TONE, DIAL, "Italy", (425.0,), 0.2, 0.2, 0.6, 1.0),
    _tone(_TONE, WAITING, "Germany", (425.0,), 0.2, 0.2, 0.2, 5.0),
    _tone(_TONE, WAITING, "Spain", (425.0,), 0.175, 0.175, 0.175, 3.5),
    _tone(_RING, RING, "France", (440.0,), 1.5, 3.5),
    _tone(_BUSY, BUSY, "France", (440.0,), 0.5, 0.5),
    _tone(_TONE, DIAL, "France", (440.0,)),
    _tone(_RING, RING, "Austria", (420.0,), 1.0, 5.0),
    _tone(_BUSY, BUSY, "Austria", (420.0,), 0.4, 0.4),
)
_ASIA_PACIFIC = (
    _tone(_RING, RING, "Japan", (400.0,), 1.0, 2.0),
    _tone(_BUSY, BUSY, "Japan, New Zealand", (400.0,), 0.5, 0.5),
    _tone(_BUSY, CONGESTION, "New Zealand, India", (400.0,), 0.25, 0.25),
    _tone(_TONE, DIAL, "Japan, New Zealand, India", (400.0,)),
    _tone(_RING, RING, "India", (400.0,), 0.4, 0.2, 0.4, 2.0),
    _tone(_BUSY, BUSY, "India", (400.0,), 0.75, 0.75),
    _tone(_RING, RING, "Australia", (413.0, 438.0), 0.4, 0.2, 0.4, 2.0),
    _tone(_TONE, DIAL, "Australia", (413.0, 438.0)),
    _tone(_BUSY, BUSY, "Australia", (425.0,), 0.375, 0.375),
    _tone(_BUSY, NO_NUMBER, "Australia", (425.0,), 2.5, 0.5),
    _tone(_RING, RING, "Singapore", (425.0,), 0.4, 0.2, 0.4, 2.0),
    _tone(_BUSY, BUSY, "Singapore", (425.0,), 0.75, 0.75),
)
_SIT_HZ = (950.0, 1400.0, 1800.0)
_WORLD = (
    Tone(
        _TONE,
        "special information tone",
        "",
        tuple(Step((hz,), (0.2, 0.43), (0.85, 1.3) if hz == _SIT_HZ[-1] else (0.0, 0.1)) for hz in _SIT_HZ),
    ),
    _tone(_TONE, "fax calling", "", (1100.0,), 0.5, 3.0),
    Tone(_TONE, "fax or modem answering", "", (Step((2100.0,), (2.3, 4.4), (0.0, 0.2)),)),
)
KEY_ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
KEY_COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
KEY_S = (0.03, 60.0)
"""As long as somebody holds the key; 40 ms is the least a receiver must take (ITU-T Q.24)."""
KEY_PAUSE_S = (0.02, 1.0)
_KEYS = tuple(
    Tone(_TONE, f"key {name}", "", (Step((row, column), KEY_S, KEY_PAUSE_S),))
    for row, names in zip(KEY_ROWS_HZ, ("123A", "456B", "789C", "*0#D"), strict=True)
    for column, name in zip(KEY_COLUMNS_HZ, names, strict=True)
)

PLAN = (
    *_CHINA,
    *_NORTH_AMERICA,
    *_HONG_KONG_TAIWAN,
    *_UNITED_KINGDOM,
    *_EUROPE,
    *_ASIA_PACIFIC,
    *_WORLD,
    *_KEYS,
)
"""Nearest kin first where two countries agree."""
UNLISTED_HZ = (340.0, 500.0)
UNLISTED = (
    Tone(_RING, RING, "", (Step((), (0.67, 2.5), (2.5, 6.0)),)),
    Tone(_BUSY, BUSY, "", (Step((), (0.1, 0.66), (0.1, 0.66)),)),
    Tone(_TONE, DIAL, "", (Step((), (0.0, inf), (0.0, 0.0)),)),
)
"""Countries not listed keep within the limits that ITU-T E.180 accepts for lines, ringing and busy tones."""


def is_key(hz: tuple[float, ...]) -> bool:
    """Whether measured lines (ascending) are a DTMF pair."""
    return len(hz) == 2 and any(tone.steps[0].heard(hz) for tone in _KEYS)
