"""The table of every option: its section, type, bounds, default and one-line meaning.

May not read a file. Loader, `config show`, the example file and docs/configuration.md are all made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from callseat.config.model import (
    BARESIP_CONTROL,
    AudioBackend,
    AudioRouting,
    BusyLightBackend,
    ConsoleBackend,
    HeadsetBackend,
    LineBackend,
    SpeechEngine,
)
from devices.at.profiles import PROFILES
from devices.simulated.headset_models import HEADSETS
from state.words import SilentCallMode

LANGUAGES = ("zh-CN", "en")
BLOCKS_MS = (10, 20, 30)
RATES_HZ = (8000, 16000, 32000, 48000)
"""What the WebRTC speech detector takes (its API: 10, 20, 30 ms at these rates)."""
REQUIRED = "required"
"""Shown as the default of an option that has none."""


class Kind(Enum):
    """The type of a value, as a person would name it."""

    FLAG = "true or false"
    INTEGER = "a whole number"
    NUMBER = "a number"
    TEXT = "a text"
    NAME = "a name of letters, digits, - and _"
    CHOICE = "one of the words listed"
    PATH = "a path"
    NUMBERS = "a list of telephone numbers"


Default = bool | int | float | str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Option:
    """One key. `default` None means unset; `low`, `high` are inclusive bounds (of the length, for texts)."""

    key: str
    kind: Kind
    default: Default
    doc: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the file; `many` is an array of tables such as [[line]]."""

    name: str
    doc: str
    options: tuple[Option, ...]
    many: bool = False
    trial: bool = True
    """The example's seat has one."""

    def option(self, key: str) -> Option | None:
        """The option of this name."""
        return next((option for option in self.options if option.key == key), None)


def _words(choices: type[StrEnum]) -> tuple[str, ...]:
    return tuple(choice.value for choice in choices)


def _flag(key: str, default: bool, doc: str) -> Option:
    return Option(key, Kind.FLAG, default, doc)


def _integer(key: str, default: int | None, low: int, high: int, doc: str) -> Option:
    return Option(key, Kind.INTEGER, default, doc, low, high)


def _one_of(key: str, default: int, allowed: Sequence[int], doc: str) -> Option:
    return Option(key, Kind.INTEGER, default, doc, choices=tuple(str(value) for value in allowed))


def _number(key: str, default: float, low: float, high: float, doc: str) -> Option:
    return Option(key, Kind.NUMBER, default, doc, low, high)


def _choice(key: str, default: str, choices: Sequence[str], doc: str) -> Option:
    return Option(key, Kind.CHOICE, default, doc, choices=tuple(choices))


def _device(key: str, doc: str) -> Option:
    return Option(key, Kind.TEXT, None, doc, 1, 120)


def _path(key: str, doc: str) -> Option:
    return Option(key, Kind.PATH, None, doc)


SEAT = Section(
    "seat",
    "The centre and the agent's seat.",
    (
        _choice("language", "zh-CN", LANGUAGES, "Language of prompts and display."),
        Option("centre_name", Kind.TEXT, "客户服务中心", "The centre's name in greetings.", 1, 40),
        _flag("say_staff_number", True, "Greetings give the agent's staff number."),
        _number("after_call_work_s", 30.0, 0, 3600, "After-call work ends by itself after this; 0: none."),
        _number("watermark_fault_s", 1.0, 0.2, 10, "No analysed audio in a call for this long is a fault."),
        _number("late_timer_s", 1.0, 0.1, 10, "A customer-facing timer later than this is armed again."),
        Option(
            "emergency_numbers",
            Kind.NUMBERS,
            ("110", "119", "120"),
            "Numbers that can always be dialled.",
            1,
            20,
        ),
        _flag("answer_on_hook", True, "Going off-hook on a headset answers the ringing call."),
        _flag(
            "keep_off_hook",
            False,
            "Headsets stay off-hook while signed in: their mute key works at any time.",
        ),
    ),
)

SILENT_CALL = Section(
    "silent_call",
    "The silent-call procedure: three utterances, three waits.",
    (
        _choice(
            "mode",
            "assist",
            _words(SilentCallMode),
            "assist cues the agent; auto speaks stages 2 and 3 to the line; off only records.",
        ),
        _number("opening_cue_s", 2.0, 0.5, 10, "Nothing said at connect: the opening is cued after this."),
        _number("wait_1_s", 5.0, 1, 60, "Silence after the first utterance before the second is due."),
        _number("wait_2_s", 5.0, 1, 60, "Silence after the second utterance before the third is due."),
        _number("wait_3_s", 2.0, 0.5, 60, "Silence after the third utterance before hanging up is allowed."),
        _number("repeat_cue_s", 5.0, 1, 60, "A cue not spoken within this is given again."),
        _number("utterance_s", 1.0, 0.2, 5, "The agent's speech counts as an utterance from this length on."),
        _number("utterance_gap_s", 0.8, 0.1, 3, "Pauses up to this belong to one utterance."),
        _number("unknown_cue_s", 5.0, 1, 60, "Cause unknown for this long: the agent is asked to speak."),
        _flag("auto_hangup", False, "callseat hangs up itself when the procedure is over."),
        _number("hang_up_warning_s", 3.0, 0, 10, "A hang-up asked for too early is held for this long."),
    ),
)

CLOSING = Section(
    "closing",
    "The customer hangs up first.",
    (
        _number(
            "customer_hang_up_s", 10.0, 1, 120, "Both silent this long after closing: the agent may hang up."
        ),
    ),
)

LINE = Section(
    "line",
    "A line: a desk phone, a modem, or a simulated one. One [[line]] each.",
    (
        Option("id", Kind.NAME, None, "Its name in records, status and commands.", 1, 32, required=True),
        _choice(
            "backend", "simulated", _words(LineBackend), "What serves it; app: a desktop app's softphone."
        ),
        _choice("profile", "27007", sorted(PROFILES), "Which dialect of AT commands it speaks."),
        _path("port", "Serial port of an `at` line, best under /dev/serial/by-id."),
        _integer("baud", 115200, 300, 4_000_000, "Speed of the serial port."),
        Option("control", Kind.TEXT, BARESIP_CONTROL, "Where a `baresip` line's ctrl_tcp listens.", 3, 255),
        _flag("listen", True, "Both directions of its calls are listened to."),
        _number("answer_after_s", 4.0, 0, 120, "Simulated: whom it dials answers after this; 0: never."),
        _device("audio_in", "portaudio: where the customer is heard, as `audio devices` names it."),
        _device("audio_out", "portaudio: where the customer is spoken to."),
    ),
    many=True,
)

HEADSET = Section(
    "headset",
    "A headset with a hook switch. One [[headset]] each.",
    (
        Option("id", Kind.NAME, None, "Its name in records, status and commands.", 1, 32, required=True),
        _choice("backend", "simulated", _words(HeadsetBackend), "What serves it."),
        _path("path", "hidraw: this node and no other, such as /dev/hidraw0."),
        _integer("vendor_id", None, 0, 0xFFFF, "hidraw: USB vendor, such as 0x0b0e."),
        _integer("product_id", None, 0, 0xFFFF, "hidraw: USB product; unset: any of the vendor."),
        Option("serial", Kind.TEXT, None, "hidraw: serial number, as `devices list` shows it.", 1, 64),
        Option("place", Kind.TEXT, None, "hidraw: the USB port it is plugged into, such as 1-1.2.", 1, 64),
        _choice("model", "jabra_evolve_link", sorted(HEADSETS), "Simulated: the headset it plays."),
        _path("descriptor", "Simulated: a file with the raw report descriptor of another headset."),
    ),
    many=True,
)

CONSOLE = Section(
    "console",
    "A console of one's own: keys, lamps and a display on a serial line. One [[console]] each.",
    (
        Option("id", Kind.NAME, None, "Its name in records, status and commands.", 1, 32, required=True),
        _choice("backend", "simulated", _words(ConsoleBackend), "What serves it."),
        _path("port", "Serial port of a `serial` console, best under /dev/serial/by-id."),
        _integer("baud", 115200, 300, 4_000_000, "Speed of the serial port; over USB of no account."),
    ),
    many=True,
    trial=False,
)

ADOPTION = Section(
    "headsets",
    "Headsets that no [[headset]] names, and what your site knows of their models.",
    (
        Option("adopt", Kind.FLAG, None, "Every headset that can control calls is used once plugged in."),
        _path("records_dir", "Your own model records over the shipped ones (TOML)."),
    ),
)

BUSY_LIGHT = Section(
    "busy_light",
    "A light that tells others whether the agent may be spoken to.",
    (
        _choice(
            "backend",
            "none",
            _words(BusyLightBackend),
            "What lights it; library: the package busylight-core, which callseat[busylight] installs.",
        ),
    ),
)

AUDIO = Section(
    "audio",
    "Who listens to the calls, and how loud callseat may be.",
    (
        _choice(
            "backend",
            "simulated",
            _words(AudioBackend),
            "What listens and speaks; portaudio: sound devices of this box; none: nothing does.",
        ),
        _device("headset_in", "portaudio: the agent's microphone, as `audio devices` names it."),
        _device("headset_out", "portaudio: the agent's ear."),
        _choice(
            "routing",
            "callseat",
            _words(AudioRouting),
            "portaudio: who carries the call between headset and line; server: the sound server does.",
        ),
        _choice("engine", "default", _words(SpeechEngine), "What tells speech; neural: callseat[neural]."),
        _path("neural_model", "neural: the model file (Silero VAD); nothing is downloaded."),
        _one_of("block_ms", 20, BLOCKS_MS, "Length of one analysed block."),
        _one_of("near_rate_hz", 16000, RATES_HZ, "Samples per second of the agent's microphone."),
        _one_of("far_rate_hz", 8000, RATES_HZ, "Samples per second of what the customer sends."),
        _number(
            "prompt_cap_dbfs", -20.0, -60, -10, "No prompt is louder than this in the agent's ear (RMS)."
        ),
        _number("prompt_peak_dbfs", -6.0, -40, 0, "No sample of a prompt is larger than this."),
    ),
)

PROMPTS = Section(
    "prompts",
    "What callseat says, and with which voice.",
    (
        _path("phrases", "Your own phrases over the shipped ones (TOML)."),
        _path("recordings_dir", "Recordings here win over the synthetic voice."),
        _path("cache_dir", "Where rendered prompts are kept."),
        _flag("speak", True, "Prompts are spoken; false: shown only."),
    ),
)

SOCKET = Section("socket", "The door for apps.", (_path("path", "The Unix socket."),))
RECORDS = Section("records", "The truth about calls.", (_path("path", "The SQLite file."),))
JOURNAL = Section(
    "journal",
    "The bounded diagnostic, without digits, that can be replayed.",
    (
        _path("path", "The file; the one before it has `.1` added."),
        _integer("max_bytes", 64 * 1024 * 1024, 64 * 1024, 1 << 34, "Size of both files together."),
    ),
)

TAPES = Section(
    "tapes",
    "Recorded traffic of headsets for a fault report, without keyed digits and display texts.",
    (_path("dir", "One file per headset is kept here; unset: none."),),
)

KEYS = "keys"
"""The one section with free keys, `<button>` or `<button>:long` (`state.words.Button`): SeatSettings.keys."""
LONG = ":long"
KEYS_DOC = "What a key of a device does besides its own meaning; `:long` is a long press."
ACTIONS = ("repeat_cue", "cancel_cue", "begin_closing", "redial", "reject")

SECTIONS = (
    SEAT, SILENT_CALL, CLOSING, LINE, HEADSET, CONSOLE, ADOPTION, BUSY_LIGHT, AUDIO, PROMPTS, SOCKET, RECORDS,
    JOURNAL, TAPES,
)  # fmt: skip


def section(name: str) -> Section | None:
    """The section of this name; [keys] is not one of them."""
    return next((each for each in SECTIONS if each.name == name), None)
