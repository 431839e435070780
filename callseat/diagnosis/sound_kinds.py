"""Every kind of finding about live sound: how bad it is, why it matters, and what to do next.

May not find anything: `callseat.diagnosis.sound_judge` does. docs/audio-routing.md explains each.
"""

from __future__ import annotations

from callseat.diagnosis.kinds import Finding, Kind, Severity

_FAULTS = (
    (
        "pyaudio_missing",
        "sound devices are opened with PyAudio, by a child process",
        "`sudo apt-get install python3-pyaudio`, or install callseat[audio]",
    ),
    (
        "server_missing",
        "the names of the configuration are streams of the sound server",
        "`systemctl status callseat-sound`, or set PULSE_SERVER to the server that runs",
    ),
    (
        "sink_missing",
        "callseat and the softphone meet at this sink",
        "load the shipped {where}, then `callseat doctor audio` again",
    ),
    (
        "name_unknown",
        "a stream is opened by its name",
        "`callseat audio devices` lists the names; correct {path}",
    ),
    (
        "open_failed",
        "without this stream one side of a call is not heard",
        "`callseat audio devices` says what it offers; `pactl list short` what the server has",
    ),
    (
        "mouth_is_monitor",
        "a monitor is what a sink plays: the customer would hear that instead of the agent",
        "`pactl set-default-source NAME` with the headset's microphone, or name it in headset_in of {path}",
    ),
    (
        "ear_is_line",
        "what callseat plays to the agent would go to the customer, and the other way round",
        "give headset_out and audio_out different devices in {path}",
    ),
    (
        "line_hears_itself",
        "callseat would take its own prompts, and the agent, for the customer",
        "audio_in is the monitor of what the softphone plays into, audio_out what it records: correct {path}",
    ),
)
_NOTES = (
    (
        "sound_off",
        "there is nothing to look at: no sound device is used",
        'set backend = "portaudio" in [audio] of {path} when there is to be one',
    ),
    (
        "line_without_sound",
        "its calls are not listened to, and nothing is said to its customers",
        "give it audio_in and audio_out in {path}, unless that is meant",
    ),
    (
        "only_zeros",
        "a live microphone has noise; a muted one, or one of another card, may have none",
        "speak while `callseat doctor audio` runs; look for a mute key and a boom arm",
    ),
    (
        "rate_low",
        "the server makes more samples of it, and no better ones",
        "lower the rate in [audio] of {path}, or let the server open the card at a higher one",
    ),
    (
        "latency_high",
        "agent and customer talk over each other from about a fifth of a second on",
        "look for tsched=0 or large fragments in the server's configuration; use a cable, not Bluetooth",
    ),
    (
        "pactl_missing",
        "which device of the server a name leads to is asked with pactl",
        "`sudo apt-get install pulseaudio-utils`",
    ),
)

SOUND_KINDS: dict[str, Kind] = {
    kind: Kind(kind, severity, why, next_step)
    for severity, table in ((Severity.FAULT, _FAULTS), (Severity.NOTE, _NOTES))
    for kind, why, next_step in table
}
"""Every kind by its name."""


def sound_finding(kind: str, place: object, message: str, **words: object) -> Finding:
    """A finding with its next step filled in."""
    made = SOUND_KINDS[kind]
    return Finding(made, str(place), message, made.next_step.format(**words))
