"""Parameters of the methods, checked where they come in: types, bounds, patterns, no unknown member.

May not hold behaviour; the descriptions go into docs/api.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=4096)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
CallName = Annotated[Name, Meta(description="which call; left out: the one the focus rule means")]
DeviceName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]+\Z",
        description="its name in `state.get`: as configured, or vid:pid:serial:place",
    ),
]
NUMBER = r"^(?:\+?[0-9*#]{1,40}|sips?:[0-9A-Za-z_.+~*#-]{1,64}@[0-9A-Za-z.:\[\]-]{1,128})\Z"
"""Digits or a SIP address, and nothing that could end an AT or baresip command early."""
NAME_ON_LINE = r"^[^\x00-\x1f\x7f\"]*\Z"
"""What may stand between the quotes of a simulated phone's +CNAP."""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


class OneCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which call is meant."""

    call: CallName | None = None


class DialParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to call, on which line."""

    number: Annotated[
        str, Meta(pattern=NUMBER, description="digits with `*`, `#`, leading `+`, or a SIP address")
    ]
    line: Annotated[Name, Meta(description="left out: the first line in service")] | None = None
    customer: Annotated[Text, Meta(description="surname with title, said in the opening")] = ""
    matter: Annotated[Text, Meta(description="why the call is made, said in the opening")] = ""


class TransferParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a call is sent."""

    number: (
        Annotated[str, Meta(pattern=NUMBER, description="left out: the held call is connected with this one")]
        | None
    ) = None
    call: CallName | None = None


class DigitsParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which keys to send into the call."""

    digits: Annotated[str, Meta(pattern=r"^[0-9A-D*#]{1,32}\Z", description="never journalled or logged")]
    call: CallName | None = None


class NoteParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to write into a call's record."""

    record: Annotated[Name, Meta(description="which record; left out: the newest")] | None = None
    category: Text = ""
    note: Text = ""
    promise_subject: Annotated[Text, Meta(description="what was promised to the customer")] | None = None
    promise_due: Annotated[Text, Meta(description="by when, as the agent says it")] | None = None
    promise_owner: Annotated[Text, Meta(description="who keeps the promise")] = "agent"


class OneDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which device is meant."""

    device: DeviceName


class AcquireParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which headset an app wants to hold."""

    device: DeviceName
    app: Annotated[Name, Meta(description="the app's own name, as others shall read it")]
    hands_off: Annotated[
        bool, Meta(description="callseat writes nothing to it and hears nothing there: the app does both")
    ] = False


class ShowParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a held headset shall show: all of it, each time."""

    device: DeviceName
    off_hook: Annotated[bool, Meta(description="a call of the app is up")] = False
    ring: Annotated[bool, Meta(description="a call of the app rings")] = False
    hold: Annotated[bool, Meta(description="the call of the app is on hold")] = False


class MuteParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The microphone as it shall be."""

    value: Annotated[bool, Meta(description="true: muted; set, never toggle")]


class SignInParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sits down."""

    agent: Annotated[Name, Meta(description="staff number")]


class SignOutParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes over what is still owed."""

    successor: Annotated[Name, Meta(description="staff number open promises are handed to")] | None = None


class AgentStateParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The agent's state as it shall be."""

    state: Literal["ready", "not_ready"]
    reason: Annotated[Text, Meta(description="only with `not_ready`: the centre's own word")] = ""


class CallsParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far back to look."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 20
    since: Annotated[float, Meta(ge=0, description="POSIX seconds; only calls delivered since")] | None = None
    number: Annotated[str, Meta(max_length=128, description="only numbers that end so")] = ""


class PromisesParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which promises."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    closed: Annotated[bool, Meta(description="also those kept or handed on")] = False


class AgentsParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far back to look."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class ActParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens at a simulated device."""

    act: Annotated[
        Literal["ring", "answer", "busy", "hangup", "press", "say", "speak", "plug", "unplug"],
        Meta(description="what happens; see below"),
    ]
    device: Annotated[Name, Meta(description="line or headset; left out: the first simulated")] | None = None
    number: Annotated[str, Meta(max_length=41, pattern=r"^\+?[0-9*#]*\Z", description="`ring`: who")] = ""
    name: Annotated[str, Meta(max_length=64, pattern=NAME_ON_LINE, description="`ring`: who")] = ""
    button: Annotated[Text, Meta(description="`press`: hook, mute or a key's name")] = ""
    long: Annotated[bool, Meta(description="`press`: held down")] = False
    file: Annotated[Text, Meta(description="`say`, `speak`: a 16-bit mono WAV file, absolute path")] = ""
