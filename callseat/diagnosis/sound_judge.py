"""From facts about sound to findings: pure, in the order a technician mends things.

May not read anything of the system.
"""

from __future__ import annotations

from collections.abc import Iterator

from callseat.diagnosis.kinds import Finding
from callseat.diagnosis.sound_facts import SoundFacts, Stream
from callseat.diagnosis.sound_kinds import sound_finding

SHIPPED = ("callseat_to_line", "callseat_from_line")
"""The sinks of sound/callseat.pa and sound/pipewire/callseat-sinks.conf."""
HIGH_LATENCY_S = 0.1
"""Two such directions and a network's own 150 ms are more than people like to talk over (ours)."""


def judge_sound(facts: SoundFacts) -> tuple[Finding, ...]:
    """Every finding, faults first, each group in the order to mend them."""
    path = facts.path or "callseat.toml"
    if not facts.live:
        return (sound_finding("sound_off", "[audio] backend", "it is not portaudio", path=path),)
    if facts.missing:
        return (sound_finding("pyaudio_missing", "PyAudio", facts.missing),)
    found = [
        *_server(facts),
        # Without the server none of its names is there: one finding says so.
        *(
            each
            for stream in facts.streams
            if not (stream.unknown and facts.server.error)
            for each in _stream(stream, path)
        ),
        *_crossed(facts, path),
        *(
            sound_finding("line_without_sound", line, "it has no audio_in and audio_out", path=path)
            for line in facts.lines_without
        ),
    ]
    return tuple(sorted(found, key=lambda each: each.kind.severity))


def _server(facts: SoundFacts) -> Iterator[Finding]:
    server = facts.server
    if not server.asked:
        yield sound_finding("pactl_missing", "pactl", "there is no pactl here")
        return
    if server.error:
        yield sound_finding("server_missing", "sound server", server.error)
        return
    wanted = [sink for sink in SHIPPED if any(stream.name.startswith(sink) for stream in facts.streams)]
    there = {place.name for place in server.sinks}
    where = "sound/pipewire/callseat-sinks.conf" if "PipeWire" in server.name else "sound/callseat.pa"
    for sink in wanted:
        if sink not in there:
            yield sound_finding("sink_missing", sink, f"{server.name} has no such sink", where=where)


def _stream(stream: Stream, path: object) -> Iterator[Finding]:
    if stream.error:
        yield sound_finding(
            "name_unknown" if stream.unknown else "open_failed", stream.setting, stream.error, path=path
        )
        return
    at = stream.at
    if stream.setting == "headset_in" and at is not None and at.monitor_of:
        message = f"{stream.name} is {at.name}, what {at.monitor_of} plays"
        yield sound_finding("mouth_is_monitor", stream.setting, message, path=path)
    if stream.setting == "headset_in" and stream.peak == 0:
        yield sound_finding("only_zeros", stream.setting, f"{stream.name} delivers digital zeros")
    if at is not None and at.rate_hz < stream.rate_hz:
        message = f"{at.name} runs at {at.rate_hz} Hz, and is opened at {stream.rate_hz} Hz"
        yield sound_finding("rate_low", stream.setting, message, path=path)
    if stream.latency_s is not None and stream.latency_s > HIGH_LATENCY_S:
        message = f"{stream.name} holds {stream.latency_s * 1000:.0f} ms of sound"
        yield sound_finding("latency_high", stream.setting, message)


def _crossed(facts: SoundFacts, path: object) -> Iterator[Finding]:
    """Streams that lead to each other's places."""
    at = {stream.setting: stream.at.name for stream in facts.streams if stream.at is not None}
    monitors = {each.name: each.monitor_of for each in facts.server.sources}
    for setting, place in at.items():
        line, _, key = setting.rpartition(" ")
        if key != "audio_out":
            continue
        if at.get("headset_out") == place:
            yield sound_finding("ear_is_line", setting, f"headset_out leads to {place} as well", path=path)
        heard = at.get(f"{line} audio_in", "")
        if monitors.get(heard) == place:
            yield sound_finding(
                "line_hears_itself", f"{line} audio_in", f"it hears what {place} plays", path=path
            )
