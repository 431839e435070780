"""The tables of a scenario file: every section, key and action with its type, default and one-line meaning.

May not read a file. The loader, its messages and docs/scenarios.md are all made from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from state.words import Button


class Kind(Enum):
    """The type of a value, as a person would name it."""

    FLAG = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number"
    TEXT = "a text"
    TEXTS = "a list of texts"
    TABLE = "a table"
    FILE = "a WAV file"
    MOMENT = "a date and time with UTC offset"
    MARK = "a mark"
    MARKS = "a list of marks"
    LINE = "a line's id"
    HEADSET = "a headset's id"
    PLUG = "the id of a headset or a line"
    PLUGS = "a list of ids of headsets or lines"


@dataclass(frozen=True, slots=True)
class Key:
    """One key; `choices` bound a text, `low` a number; a key that is not `required` may be left out."""

    name: str
    kind: Kind
    doc: str
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a scenario file; `many` is an array of tables; `free` takes any key."""

    name: str
    doc: str
    keys: tuple[Key, ...]
    many: bool = False
    free: bool = False


ZEROS = "zeros"
"""Instead of a file: digital zeros, which a live microphone or line never delivers."""
FROZEN = "frozen"
"""Instead of a file: one value for ever, as an input that is stuck delivers."""

_FILE = Key("file", Kind.FILE, "What is heard, relative to the scenario file.", required=True)
_FROM = Key("from_s", Kind.NUMBER, "Only from here in the file.", low=0)
_TO = Key("to_s", Kind.NUMBER, "Only to here in the file.", low=0)
_LEVEL = Key("level_dbfs", Kind.NUMBER, "Played at this level; left out: as recorded.")
_LINE = Key("line", Kind.LINE, "Which line; left out: the first.")
_HEADSET = Key("headset", Kind.HEADSET, "Which headset; left out: the first.")
_BACKGROUND = Key("file", Kind.FILE, f"The new background, or `{ZEROS}`, or `{FROZEN}`.", required=True)
_DEVICE = Key("device", Kind.PLUG, "What is pulled or put back; left out: the first headset.")

TOP = (
    Key("title", Kind.TEXT, "What the scenario shows, in one line.", required=True),
    Key("about", Kind.TEXT, "More about it, for readers."),
)

CLOCK = Section(
    "clock",
    "The wall clock at the start.",
    (
        Key("wall", Kind.MOMENT, "Such as `2026-03-04T09:30:00+08:00` (the default)."),
        Key("synced", Kind.FLAG, "Whether anybody vouches for it (default true)."),
    ),
)
START = Section(
    "start",
    "How the seat is found.",
    (
        Key("agent", Kind.TEXT, "Staff number that signs in (default 1024); empty: nobody."),
        Key("ready", Kind.FLAG, "Whether the agent is ready for calls (default true)."),
        Key("unplugged", Kind.PLUGS, "Not plugged in at the start."),
        Key("raw_while_muted", Kind.FLAG, "The microphone delivers sound while the headset mutes (false)."),
    ),
)
SOUND = Section(
    "sound",
    "What is behind the voices from the start; left out: quiet room and line noise.",
    (
        Key("near", Kind.FILE, f"Behind the agent: a file at `audio.near_rate_hz`, `{ZEROS}`, `{FROZEN}`."),
        Key("near_dbfs", Kind.NUMBER, "At this level; left out: as recorded."),
        Key("far", Kind.FILE, f"Behind the customer: a file at `audio.far_rate_hz`, `{ZEROS}`, `{FROZEN}`."),
        Key("far_dbfs", Kind.NUMBER, "At this level; left out: as recorded."),
    ),
)
STEP = Section(
    "step",
    "Something that is done; steps wait for their moment independently of each other.",
    (
        Key("do", Kind.TEXT, "The action.", required=True),
        Key("id", Kind.TEXT, "Makes the mark `step:ID`."),
        Key("at", Kind.NUMBER, "Seconds from the start.", low=0),
        Key("after", Kind.MARK, "Or: when this mark comes; neither given: when the step before is done."),
        Key("nth", Kind.WHOLE, "Which occurrence of the mark, from 1 (the default).", low=1),
        Key("delay_s", Kind.NUMBER, "And this much later (default 0).", low=0),
    ),
    many=True,
)
EXPECT = Section(
    "expect",
    "A mark that must come, in this order.",
    (
        Key("mark", Kind.MARK, "What must come.", required=True),
        Key("after", Kind.MARK, f"Measured from the last of these before it (left out: from `{'start'}`)."),
        Key("in_s", Kind.NUMBER, "This long after it, within the tolerance."),
        Key("within_s", Kind.NUMBER, "Or: at most this long after it.", low=0),
        Key("tolerance_s", Kind.NUMBER, "For `in_s` (default 0.02, one audio block).", low=0),
        Key(
            "holds",
            Kind.TABLE,
            'What its data must say, such as `{ stage = 2 }`, or `{ evidence = { has = "zeros" } }`.',
        ),
    ),
    many=True,
)
RECORD = Section(
    "record",
    "One call on record, in order; any field of a call row. Numbers agree within 0.05, or give "
    "`{ min = ..., max = ... }`; `cues` and `breaches` are lists of their names.",
    (),
    many=True,
    free=True,
)
END = Section(
    "end",
    "What must be so at the end.",
    (
        Key("settle_s", Kind.NUMBER, "Played on for this long behind the last step (default 1).", low=0),
        Key("patience_s", Kind.NUMBER, "A step waits at most this long for its mark (default 60).", low=0),
        Key("never", Kind.MARKS, "Marks that must not have come."),
        Key("promises", Kind.WHOLE, "How many promises are open.", low=0),
        Key("lamps", Kind.TABLE, "Lamps as they must be, such as `{ off_hook = false }`."),
    ),
)

SECTIONS = (CLOCK, START, SOUND, STEP, EXPECT, RECORD, END)


@dataclass(frozen=True, slots=True)
class Act:
    """One action of a step and the keys it takes besides those of every step."""

    doc: str
    keys: tuple[Key, ...] = ()


ACTS: Mapping[str, Act] = {
    "ring_in": Act(
        "Somebody calls.",
        (
            Key("number", Kind.TEXT, "The caller's number; left out: withheld."),
            Key("name", Kind.TEXT, "The caller's name."),
            _LINE,
        ),
    ),
    "far_answers": Act("The called party picks up.", (_LINE,)),
    "far_busy": Act("The called party is busy.", (_LINE,)),
    "far_hangs_up": Act(
        "The far party hangs up, or gives up.",
        (Key("index", Kind.WHOLE, "Which call of the phone, from 1; left out: the oldest.", low=1), _LINE),
    ),
    "press_hook": Act(
        "The agent presses the call key.",
        (
            Key(
                "to",
                Kind.TEXT,
                "`off_hook` or `on_hook`: only where the headset is not so already.",
                choices=("press", "off_hook", "on_hook"),
            ),
            _HEADSET,
        ),
    ),
    "press_mute": Act("The agent presses the mute key.", (_HEADSET,)),
    "boom": Act(
        "The agent moves the boom arm.",
        (Key("up", Kind.FLAG, "Up mutes and keeps muted.", required=True), _HEADSET),
    ),
    "press": Act(
        "The agent presses another key.",
        (
            Key(
                "button", Kind.TEXT, "Which key.", required=True, choices=tuple(each.value for each in Button)
            ),
            Key("long", Kind.FLAG, "Held for two seconds."),
            _HEADSET,
        ),
    ),
    "unplug": Act("A device, or a line, is pulled out.", (_DEVICE,)),
    "replug": Act("It is plugged in again.", (_DEVICE,)),
    "line_gone": Act("The cable of a line is pulled; its calls live on in the phone.", (_LINE,)),
    "line_back": Act("The cable is back.", (_LINE,)),
    "phone_mute": Act(
        "The phone itself is muted; a phone that does not tell is asked when its line is back.",
        (Key("muted", Kind.FLAG, "Or made live again.", required=True), _LINE),
    ),
    "app": Act(
        "A desktop app asks, as at the socket (docs/api.md).",
        (
            Key("method", Kind.TEXT, "The method, such as `call.answer`.", required=True),
            Key("params", Kind.TABLE, "Its parameters."),
            Key("refused", Kind.TEXT, "The error kind that is expected; left out: it must be accepted."),
        ),
    ),
    "agent_says": Act("The agent speaks, with this voice.", (_FILE, _FROM, _TO, _LEVEL)),
    "customer_says": Act("The customer speaks, with this voice.", (_FILE, _FROM, _TO, _LEVEL, _LINE)),
    "near_goes": Act("What is behind the agent changes.", (_BACKGROUND, _LEVEL)),
    "far_goes": Act("What is behind the customer changes.", (_BACKGROUND, _LEVEL, _LINE)),
    "clock_jumps": Act(
        "The wall clock is set.",
        (
            Key("by_s", Kind.NUMBER, "Forward, or back where negative.", required=True),
            Key("synced", Kind.FLAG, "Whether anybody vouches for it from now on (default true)."),
        ),
    ),
    "stall": Act(
        "Nothing goes on for a while (virtual time only).",
        (
            Key(
                "of",
                Kind.TEXT,
                "`loop`: nothing is decided; `audio`: nothing is analysed.",
                required=True,
                choices=("loop", "audio"),
            ),
            Key("for_s", Kind.NUMBER, "How long.", required=True, low=0),
        ),
    ),
}
