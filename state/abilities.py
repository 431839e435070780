"""What a line must be able to do for each command: the words of its `capabilities`, once for everybody.

May not hold behaviour. Whether a line can is its own to say.
"""

from __future__ import annotations

from collections.abc import Mapping

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

ABILITY: Mapping[type[LineCommand], str] = {
    Answer: "answer",
    Reject: "reject",
    HangUp: "hang_up",
    Dial: "dial",
    Hold: "hold",
    Retrieve: "retrieve",
    Swap: "swap",
    Join: "join",
    Transfer: "transfer",
    CompleteTransfer: "complete_transfer",
    SendDigits: "digits",
    SetMute: "mute",
}
