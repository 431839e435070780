"""Commands: what may be asked of a line, of a device, of the seat. Imperative; they set, never toggle.

May not hold behaviour. Frozen values: the same `Answer` travels from a headset button, the socket or the
desktop app to a line.
"""

from __future__ import annotations

from dataclasses import dataclass

from state.ids import CallId, DeviceId, LineId


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer a ringing or waiting call; None lets the focus rule choose."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse a ringing or waiting call."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a call that is dialled, connected or held."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class Dial:
    """Start a call to `number` on `line` (None: the first line in service).

    `customer` (surname with title) and `matter` are words of the outbound opening, where the app knows them.
    """

    number: str
    line: LineId | None = None
    customer: str = ""
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the connected call on hold."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Take a held call back."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """Exchange the connected call and the held one of the same line (CSTA AlternateCall)."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Make one conference of the held call and the connected one (CSTA ConferenceCall)."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Send a call on to `number` and leave it, whoever answers there (CSTA SingleStepTransfer)."""

    number: str
    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class CompleteTransfer:
    """Connect the held call with the connected one and leave both (CSTA TransferCall)."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Send DTMF digits into a connected call; digits never reach journal or log."""

    digits: str
    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class SetMute:
    """Set the agent's microphone muted or live."""

    muted: bool


TwoCallCommand = Swap | Join | CompleteTransfer
"""About the connected and the held call of one line; `call` may name either."""
LineCommand = (
    Answer | Reject | HangUp | Dial | Hold | Retrieve | TwoCallCommand | Transfer | SendDigits | SetMute
)


@dataclass(frozen=True, slots=True)
class Lamps:
    """What the lamps of a headset or phone should show (HID LED page names)."""

    off_hook: bool = False
    ring: bool = False
    mute: bool = False
    hold: bool = False
    microphone: bool = False
    message_waiting: bool = False


@dataclass(frozen=True, slots=True)
class SetLamps:
    """Make a device's lamps show this, all of them, in as few reports as its descriptor allows.

    `again` writes them even where nothing changed: the device asked for something it did not get.
    """

    lamps: Lamps
    again: bool = False


@dataclass(frozen=True, slots=True)
class SetDisplay:
    """Show these lines on a device's display, cut to its size."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identify:
    """Make a device show which one it is: a lamp blinks for a few seconds."""


@dataclass(frozen=True, slots=True)
class SetPassive:
    """Have a device's engine hear and show nothing, because somebody else has the device; or work again."""

    passive: bool


DeviceCommand = SetLamps | SetDisplay | Identify | SetPassive


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign the agent in with the staff number."""

    agent: str


@dataclass(frozen=True, slots=True)
class SignOut:
    """Sign the agent out; open promises may be handed to a named successor."""

    successor: str | None = None


@dataclass(frozen=True, slots=True)
class SetReady:
    """Set the agent ready for calls."""


@dataclass(frozen=True, slots=True)
class SetNotReady:
    """Set the agent not ready, with the reason the centre uses."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class BeginClosing:
    """The agent has said the closing words (confirmed by key or app)."""

    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class RepeatCue:
    """Say or show the newest cue again."""


@dataclass(frozen=True, slots=True)
class CancelCue:
    """Stop the cue that is being said or shown; it stays in the record."""


@dataclass(frozen=True, slots=True)
class NoteCall:
    """Record category and note of a call, and a promise made in it (None: none)."""

    record: str | None = None
    category: str = ""
    note: str = ""
    promise_subject: str | None = None
    promise_due: str | None = None
    promise_owner: str = "agent"


@dataclass(frozen=True, slots=True)
class IdentifyDevice:
    """Have a device show which one it is."""

    device: DeviceId


@dataclass(frozen=True, slots=True)
class AcquireHeadset:
    """An app named `app` takes the lease of a headset, for calls the seat's lines know nothing of.

    `hands_off`: the app writes to the headset itself; the seat neither shows nor hears anything there.
    """

    device: DeviceId
    app: str
    hands_off: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseHeadset:
    """An app gives its lease back."""

    device: DeviceId


@dataclass(frozen=True, slots=True)
class ShowHeadset:
    """What the app that holds a headset wants it to show, while no call of the seat needs the headset."""

    device: DeviceId
    off_hook: bool = False
    ring: bool = False
    hold: bool = False


HeadsetCommand = IdentifyDevice | AcquireHeadset | ReleaseHeadset | ShowHeadset
SeatCommand = (
    SignIn
    | SignOut
    | SetReady
    | SetNotReady
    | BeginClosing
    | RepeatCue
    | CancelCue
    | NoteCall
    | HeadsetCommand
)
Command = LineCommand | SeatCommand
