"""What may be asked of an app's line: the word it is told, what proves it was done.

May not hold behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from state.commands import (
    Answer,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    Join,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    SetMute,
    Swap,
    Transfer,
)
from state.words import CallState


@dataclass(frozen=True, slots=True)
class Verb:
    """One command. `proof`: the state its call must be reported in (idle: over); None: the app's word."""

    word: str
    proof: CallState | None = None


VERBS: Mapping[type[LineCommand], Verb] = {
    Answer: Verb("answer", CallState.CONNECTED),
    Reject: Verb("reject", CallState.IDLE),
    HangUp: Verb("hang_up", CallState.IDLE),
    Dial: Verb("dial", CallState.DIALING),
    Hold: Verb("hold", CallState.HELD),
    Retrieve: Verb("retrieve", CallState.CONNECTED),
    SendDigits: Verb("send_digits"),
    SetMute: Verb("set_mute"),
    Swap: Verb("swap", CallState.HELD),
    Join: Verb("join", CallState.CONNECTED),
    Transfer: Verb("transfer", CallState.IDLE),
    CompleteTransfer: Verb("complete_transfer", CallState.IDLE),
}


def details(command: LineCommand) -> dict[str, object]:
    """What a command carries besides its call; digits go to the app and nowhere else."""
    match command:
        case Dial(number=number) | Transfer(number=number):
            return {"number": number}
        case SendDigits(digits=digits):
            return {"digits": digits}
        case SetMute(muted=muted):
            return {"muted": muted}
    return {}
