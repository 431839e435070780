"""Judges a played scenario: what was expected and did not come, came late, or came though it must not.

May not change anything; each finding is one sentence for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from callseat.scenario.marks import START
from callseat.scenario.model import End, Expectation
from callseat.scenario.timeline import Entry
from state.commands import Lamps
from state.ids import RequestId

NEAR_ENOUGH = 0.05
"""Seconds and counts in records; times that matter are expected as marks."""
_EDGE = 1e-6

Plain = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario."""

    entries: Sequence[Entry]
    records: Sequence[Plain]
    promises: int
    lamps: Lamps | None
    refusals: Mapping[RequestId, tuple[str, str]]


def findings(
    expected: Sequence[Expectation], records: Sequence[Plain] | None, end: End, played: Played
) -> tuple[str, ...]:
    """Everything that is not as it must be."""
    return (
        *_in_order(expected, played.entries),
        *_never(end, played.entries),
        *_refused(played),
        *(_recorded(records, played.records) if records is not None else ()),
        *_at_the_end(end, played),
    )


def plain(value: object) -> object:
    """A value as JSON knows it, the same in every run."""
    return msgspec.json.decode(msgspec.json.encode(value, order="deterministic"))


def _in_order(expected: Sequence[Expectation], entries: Sequence[Entry]) -> list[str]:
    found: list[str] = []
    place = 0
    for number, wanted in enumerate(expected, 1):
        name = f"expect {number}: {wanted.mark}{_told(wanted.holds)}"
        match = next((n for n in range(place, len(entries)) if _fits(wanted, entries[n])), None)
        if match is None:
            earlier = any(_fits(wanted, entry) for entry in entries[:place])
            found.append(
                f"{name} came too early, before what is expected above" if earlier else f"{name} never came"
            )
            continue
        place = match + 1
        found += _late(name, wanted, entries, match)
    return found


def _fits(wanted: Expectation, entry: Entry) -> bool:
    if entry.mark != wanted.mark:
        return False
    data = plain(entry.data)
    return isinstance(data, dict) and all(_equal(want, data.get(key)) for key, want in wanted.holds.items())


def _late(name: str, wanted: Expectation, entries: Sequence[Entry], match: int) -> list[str]:
    if wanted.in_s is None and wanted.within_s is None:
        return []
    after = wanted.after or START
    since = next((entries[n] for n in range(match - 1, -1, -1) if entries[n].mark == after), None)
    if since is None:
        return [f"{name}: nothing to measure from, {after} did not come before it"]
    took_s = entries[match].at - since.at
    if wanted.within_s is not None and took_s > wanted.within_s + _EDGE:
        return [f"{name} came {took_s:.3f} s after {after}, later than {wanted.within_s:g} s"]
    if wanted.in_s is not None and abs(took_s - wanted.in_s) > wanted.tolerance_s + _EDGE:
        bounds = f"{wanted.in_s:g} s ± {wanted.tolerance_s:g} s"
        return [f"{name} came {took_s:.3f} s after {after}, not {bounds}"]
    return []


def _never(end: End, entries: Sequence[Entry]) -> list[str]:
    start = entries[0].at if entries else 0.0
    found = []
    for mark in end.never:
        came = next((entry for entry in entries if entry.mark == mark), None)
        if came is not None:
            found.append(f"{mark} came at {came.at - start:.3f} s and must not")
    return found


def _refused(played: Played) -> list[str]:
    """Every request is answered as the scenario expects, or is still waited for."""
    found = []
    for entry in played.entries:
        request = entry.data.get("request")
        if entry.mark != "effect:Reply" or request not in played.refusals:
            continue
        what, expected = played.refusals[RequestId(str(request))]
        kind = str(entry.data["kind"])
        if kind != expected:
            answer = f"refused with {kind} ({entry.data['message']})" if kind else "accepted"
            found.append(f"{what} was {answer}, not {f'refused with {expected}' if expected else 'accepted'}")
    return found


def _recorded(wanted: Sequence[Plain], rows: Sequence[Plain]) -> list[str]:
    if len(wanted) != len(rows):
        return [f"{len(rows)} calls on record, not {len(wanted)}"]
    found = []
    for number, (want, row) in enumerate(zip(wanted, rows, strict=True), 1):
        for key, value in want.items():
            have = _names(key, row[key])
            if not _equal(value, have):
                found.append(f"record {number}: {key} is {have!r}, not {value!r}")
    return found


def _names(key: str, value: object) -> object:
    """Cues are noted with their second, breaches with their evidence: a scenario names them alone."""
    if isinstance(value, list) and key == "cues":
        return [str(each).partition("@")[0] for each in value]
    if isinstance(value, list) and key == "breaches":
        return [each["rule"] for each in value]
    return value


def _equal(want: object, have: object) -> bool:
    if isinstance(want, Mapping) and want.keys() <= {"min", "max"} and isinstance(have, int | float):
        low, high = want.get("min", have), want.get("max", have)
        return float(low) <= have <= float(high)
    if isinstance(want, Mapping) and want.keys() == {"has"} and isinstance(have, str):
        return str(want["has"]) in have
    if isinstance(want, Mapping):
        return isinstance(have, Mapping) and all(_equal(each, have.get(key, 0)) for key, each in want.items())
    if isinstance(want, bool) or isinstance(have, bool) or have is None:
        return want is have
    if isinstance(want, int | float) and isinstance(have, int | float):
        return abs(want - have) <= NEAR_ENOUGH
    return want == have


def _at_the_end(end: End, played: Played) -> list[str]:
    found = []
    if end.promises is not None and played.promises != end.promises:
        found.append(f"{played.promises} promises open at the end, not {end.promises}")
    if end.lamps and played.lamps is None:
        found.append("no headset is there at the end to look at its lamps")
    for name, lit in end.lamps.items():
        if played.lamps is not None and getattr(played.lamps, name) != lit:
            found.append(f"lamp {name} is {'out' if lit else 'lit'} at the end")
    return found


def _told(holds: Plain) -> str:
    return f" {dict(holds)}" if holds else ""
