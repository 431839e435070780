"""What `doctor audio` and `audio devices` tell of the sound devices of this box.

May not change anything; a stream is opened for a moment and plays silence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from callseat.cli.group import REFUSED
from callseat.cli.options import print_json
from callseat.cli.text import table

if TYPE_CHECKING:
    from callseat.diagnosis import Finding
    from callseat.diagnosis.sound_facts import SoundFacts, Stream


def doctor_audio(config: Path | None, *, json: bool) -> int:
    """Try every configured stream and tell what is wrong; the exit status."""
    from callseat.config import config_in_effect
    from callseat.diagnosis import Severity
    from callseat.diagnosis.sound_gather import gather_sound
    from callseat.diagnosis.sound_judge import judge_sound

    facts = gather_sound(config_in_effect(config))
    findings = judge_sound(facts)
    faults = sum(each.kind.severity is Severity.FAULT for each in findings)
    if json:
        told = [each.as_json() for each in findings]
        print_json(
            {"ok": not faults, "findings": told, "streams": [_as_json(each) for each in facts.streams]}
        )
    else:
        for line in _lines(facts, findings, faults):
            typer.echo(line)
    return REFUSED if faults else 0


def list_sound_devices(*, json: bool) -> None:
    """Every device PortAudio lists, by the name a configuration takes."""
    from audio.live.process import list_devices

    listed = list_devices()
    if json:
        print_json(listed)
        return
    rows = [
        [each["stable"], str(each["inputs"] or "-"), str(each["outputs"] or "-"), f"{each['rate_hz']} Hz"]
        for each in listed["devices"]
    ]
    typer.echo(table(("name", "in", "out", "prefers"), rows))
    if listed.get("missing"):
        typer.echo(f"no sound devices: {listed['missing']}", err=True)
        raise typer.Exit(REFUSED)


def _as_json(stream: Stream) -> dict[str, Any]:
    return {
        "setting": stream.setting,
        "name": stream.name,
        "direction": stream.direction,
        "rate_hz": stream.rate_hz,
        "error": stream.error,
        "at": None if stream.at is None else stream.at.name,
        "peak_dbfs": _dbfs(stream.peak),
        "latency_ms": None if stream.latency_s is None else round(stream.latency_s * 1000, 1),
    }


def _dbfs(peak: int | None) -> float | None:
    """Level of the largest sample; None for silence and for what was not measured."""
    return round(20 * math.log10(peak / 32768), 1) if peak else None


def _lines(facts: SoundFacts, findings: tuple[Finding, ...], faults: int) -> Iterator[str]:
    if facts.streams:
        yield table(
            ("setting", "name", "leads to", "level", "latency"), [_row(each) for each in facts.streams]
        )
    for each in findings:
        yield ""
        yield f"{each.kind.severity} {each.kind.kind}: {each.place}"
        yield f"  {each.message}"
        yield f"  why:  {each.kind.why}"
        yield f"  next: {each.next_step}"
    yield ""
    yield f"{faults} to fix, {len(findings) - faults} to know" if findings else "nothing is wrong"


def _row(stream: Stream) -> list[str]:
    level = "-" if stream.peak is None else "zeros" if not stream.peak else f"{_dbfs(stream.peak)} dBFS"
    latency = "-" if stream.latency_s is None else f"{stream.latency_s * 1000:.0f} ms"
    place = "-" if stream.at is None else f"{stream.at.name} ({stream.at.rate_hz} Hz)"
    return [stream.setting, stream.name, "not opened" if stream.error else place, level, latency]
