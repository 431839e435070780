"""What `doctor audio` and `audio devices` tell of the sound devices of this box.

May not change anything; a stream is opened for a moment and plays silence, sweeps only once somebody agreed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from callseat.cli.group import REFUSED
from callseat.cli.options import print_json
from callseat.cli.text import table

if TYPE_CHECKING:
    from callseat.config import Config
    from callseat.diagnosis import Finding
    from callseat.diagnosis.sound_facts import ServerFacts, SoundFacts, Stream
    from callseat.diagnosis.sound_trial import Trial

NODE = "pulse:"
"""How a configuration names a sink or source of the sound server (`audio.live.names`)."""
NAME_KEYS = ("name", "inputs", "outputs", "prefers", "write_into")
"""Columns of `audio devices`, as --json calls them."""


def doctor_audio(config: Path | None, *, json: bool, yes: bool = False) -> int:
    """Try every configured stream, the headset with sound where somebody agrees, and tell; the exit status.

    `yes`: agreed beforehand, and nobody is there to be asked.
    """
    from callseat.config import config_in_effect
    from callseat.diagnosis import Severity
    from callseat.diagnosis.sound_gather import gather_sound
    from callseat.diagnosis.sound_judge import judge_sound
    from callseat.diagnosis.sound_verdict import judge_trial

    found = config_in_effect(config)
    facts = gather_sound(found)
    findings = judge_sound(facts)
    trial, unheard = _trial(found, facts, yes=yes, may_ask=not json and sys.stdin.isatty())
    if trial is not None:
        # What a third of a second seemed to say, three seconds say better.
        kept = tuple(each for each in findings if trial.error or each.kind.kind != "only_zeros")
        findings = (*kept, *judge_trial(facts, trial, unheard=unheard))
        findings = tuple(sorted(findings, key=lambda each: each.kind.severity))
    faults = sum(each.kind.severity is Severity.FAULT for each in findings)
    if json:
        told = [each.as_json() for each in findings]
        streams = [_as_json(each) for each in facts.streams]
        print_json({"ok": not faults, "findings": told, "streams": streams, "trial": _trial_json(trial)})
    else:
        for line in _lines(facts, trial, findings, faults):
            typer.echo(line)
    return REFUSED if faults else 0


def _trial(found: Config, facts: SoundFacts, *, yes: bool, may_ask: bool) -> tuple[Trial | None, bool]:
    """The trial, None where it cannot be or nobody agreed; and whether somebody said he heard nothing."""
    from callseat.diagnosis.sound_trial import RECORD_S, sweep_dbfs, try_headset

    headset = [each for each in facts.streams if each.setting in ("headset_in", "headset_out")]
    if len(headset) < 2 or any(each.error for each in headset) or not (yes or may_ask):
        return None, False
    asked = (
        f"Two quiet sweeps ({sweep_dbfs(found.audio):.0f} dBFS) go to {found.audio.headset_out}, and "
        f"{found.audio.headset_in} is recorded for {RECORD_S:.0f} s; nothing is kept. Go on?"
    )
    if not yes and not typer.confirm(asked, err=True):
        return None, False
    typer.echo("now: say a few words", err=True)
    trial = try_headset(found.audio)
    unheard = not yes and not trial.error and not typer.confirm("Did you hear the sweeps?", err=True)
    return trial, unheard


def list_sound_devices(*, json: bool) -> None:
    """Every device PortAudio lists and every node of the sound server, by the name a configuration takes."""
    from audio.live.process import list_devices
    from callseat.diagnosis.sound_gather import ask_server

    listed = list_devices()
    rows = [*_device_rows(listed["devices"]), *_node_rows(ask_server())]
    if json:
        print_json({**listed, "names": [dict(zip(NAME_KEYS, row, strict=True)) for row in rows]})
        return
    typer.echo(table(("name", "in", "out", "prefers", "write it into"), rows))
    if listed.get("missing"):
        typer.echo(f"no sound devices: {listed['missing']}", err=True)
        raise typer.Exit(REFUSED)


def _device_rows(devices: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    for each in devices:
        into = _settings(hears=each["inputs"], plays=each["outputs"])
        heard, played = str(each["inputs"] or "-"), str(each["outputs"] or "-")
        yield [each["stable"], heard, played, f"{each['rate_hz']} Hz", into]


def _node_rows(server: ServerFacts) -> Iterator[list[str]]:
    """Sources and sinks by the names that last: what a plug is called, not its number."""
    for each in server.sources:
        into = "audio_in" if each.monitor_of else _settings(hears=1, plays=0)
        yield [NODE + each.name, "1", "-", f"{each.rate_hz} Hz", into]
    for each in server.sinks:
        yield [NODE + each.name, "-", "1", f"{each.rate_hz} Hz", _settings(hears=0, plays=1)]


def _settings(*, hears: int, plays: int) -> str:
    """The keys of a configuration a device can stand in."""
    keys = ["headset_in", "audio_in"] * bool(hears) + ["headset_out", "audio_out"] * bool(plays)
    return ", ".join(keys)


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


def _trial_json(trial: Trial | None) -> dict[str, Any] | None:
    if trial is None:
        return None
    back = trial.returned
    return {
        "error": trial.error,
        "level_dbfs": round(trial.level_dbfs, 1),
        "spoke_s": round(trial.spoke_s, 2),
        "missing_share": round(trial.missing_share, 3),
        "played_share": round(trial.played_share, 3),
        "returned": None
        if back is None
        else {"delay_ms": round(back.delay_s * 1000, 1), "loss_db": round(back.loss_db, 1)},
    }


def _dbfs(peak: int | None) -> float | None:
    """Level of the largest sample; None for silence and for what was not measured."""
    return round(20 * math.log10(peak / 32768), 1) if peak else None


def _lines(
    facts: SoundFacts, trial: Trial | None, findings: tuple[Finding, ...], faults: int
) -> Iterator[str]:
    if facts.streams:
        yield table(
            ("setting", "name", "leads to", "level", "latency"), [_row(each) for each in facts.streams]
        )
    if trial is not None and not trial.error:
        yield f"microphone: {trial.level_dbfs:.0f} dBFS over all, speech for {trial.spoke_s:.1f} s"
        back = trial.returned
        heard = "not heard back" if back is None else f"heard back, {back.loss_db:.0f} dB lower"
        yield f"ear: {trial.played_share:.0%} of the sweeps played, {heard}"
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
