"""`callseat audio check`: what is wrong with recorded channels, for a person and as JSON.

May not judge sound: `audio.check` does, with the analysers of a live call.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from callseat.cli.group import REFUSED
from callseat.cli.options import print_json
from callseat.cli.text import table

if TYPE_CHECKING:
    from audio.check import ChannelSummary, FoundFault, Report
    from audio.engines import DetectorFactory


def check_files(
    near: Path, far: Path | None, detector: DetectorFactory, *, stereo: bool, language: str, json: bool
) -> int:
    """Listen, tell, and return the exit status."""
    from audio.check import check

    report = check(near, far, stereo=stereo, detector_factory=detector)
    if json:
        print_json(as_json(report))
    else:
        for line in _lines(report, language):
            typer.echo(line)
    return REFUSED if report.found else 0


def as_json(report: Report) -> dict[str, Any]:
    """The report as docs/audio-commands.md describes it; seconds to the millisecond, levels to 0.1 dB."""
    return {
        "ok": not report.found,
        "findings": [_finding_json(each) for each in report.found],
        "channels": [_channel_json(each) for each in report.channels],
        "notes": list(report.notes),
    }


def _finding_json(found: FoundFault) -> dict[str, Any]:
    from callseat.diagnosis.sound_remedies import REMEDIES

    remedy = REMEDIES[found.channel, found.fault]
    return {
        "channel": found.channel,
        "fault": found.fault,
        "since_s": round(found.since_s, 3),
        "until_s": round(found.until_s, 3),
        "lasts": found.lasts,
        "confidence": round(found.confidence, 2),
        "evidence": found.evidence,
        "remedy": {"zh": remedy.zh, "en": remedy.en},
    }


def _channel_json(channel: ChannelSummary) -> dict[str, Any]:
    return {
        "channel": channel.channel,
        "file": channel.file,
        "duration_s": round(channel.duration_s, 3),
        "rate_hz": channel.rate_hz,
        "analysed_hz": channel.analysed_hz,
        "speech_dbfs": _rounded(channel.speech_dbfs),
        "floor_dbfs": _rounded(channel.floor_dbfs),
        "snr_db": _rounded(channel.snr_db),
        "speech_share": round(channel.speech_share, 3),
        "carried_s": {condition: round(lasted, 3) for condition, lasted in channel.carried_s.items()},
    }


def _rounded(level: float | None) -> float | None:
    return None if level is None else round(level, 1)


def _lines(report: Report, language: str) -> Iterator[str]:
    from callseat.diagnosis.sound_remedies import REMEDIES

    heads = ("channel", "file", "length", "rate", "speech", "noise floor", "SNR", "speaks", "carried")
    yield table(heads, [_row(each) for each in report.channels])
    for note in report.notes:
        yield f"note: {note}"
    for each in report.found:
        end = "to the end" if each.lasts else f"to {each.until_s:.2f} s"
        yield ""
        yield f"{each.channel} {each.fault}: from {each.since_s:.2f} s {end}, {each.confidence:.0%} sure"
        yield f"  {each.evidence}"
        yield f"  next: {REMEDIES[each.channel, each.fault].in_language(language)}"
    yield ""
    yield f"{len(report.found)} found" if report.found else "nothing is wrong"


def _row(channel: ChannelSummary) -> list[str]:
    carried = (f"{condition} {lasted:.1f} s" for condition, lasted in channel.carried_s.items())
    resampled = "" if channel.analysed_hz == channel.rate_hz else f" as {channel.analysed_hz}"
    return [
        channel.channel,
        Path(channel.file).name,
        f"{channel.duration_s:.2f} s",
        f"{channel.rate_hz}{resampled} Hz",
        _level(channel.speech_dbfs, "dBFS"),
        _level(channel.floor_dbfs, "dBFS"),
        _level(channel.snr_db, "dB"),
        f"{channel.speech_share:.0%}",
        ", ".join(carried),
    ]


def _level(level: float | None, unit: str) -> str:
    return "-" if level is None else f"{level:.1f} {unit}"
