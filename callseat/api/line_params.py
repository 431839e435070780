"""Parameters of the `line.*` methods: what an app that is a line of the seat tells, strictly.

May not hold behaviour; which members go with which event is a table in `callseat.app_lines.book`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from callseat.api.params import Name

MAX_CALLS = 8
"""Calls one line may have up at once; a softphone offers two to six (ours)."""

LineName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z",
        description="letters, digits, - and _: a configured `app` line, or a free name",
    ),
]
AppCallName = Annotated[Name, Meta(description="the app's own name of the call")]
PRINTED = r"^[^\x00-\x1f\x7f]*\Z"
CallerNumber = Annotated[str, Meta(max_length=128, pattern=PRINTED)]
CallerName = Annotated[str, Meta(max_length=64, pattern=PRINTED)]
Ability = Literal[
    "answer", "reject", "hang_up", "dial", "hold", "retrieve", "waiting", "digits", "mute", "swap", "join",
    "transfer", "complete_transfer",
]  # fmt: skip
Happening = Literal[
    "originated", "delivered", "established", "held", "retrieved", "cleared", "failed", "updated", "muted"
]
EndCause = Literal[
    "normal_clearing", "busy", "call_not_answered", "call_cancelled", "rejected", "dest_not_obtainable",
    "dest_out_of_order", "network_congestion", "resources_not_available", "do_not_disturb", "transfer",
    "timeout", "unknown",
]  # fmt: skip
"""`Cause` without `line_lost` and `interrupted`: those are for the seat to say."""
Failing = Literal[
    "device_error", "invalid_state", "no_such_call", "not_supported", "invalid_number", "busy", "denied"
]


class LineAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every `line.*` method names: the line."""

    line: LineName


class ListedCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call that is up while its line registers."""

    call: AppCallName
    state: Literal["dialing", "ringback", "ringing", "waiting", "connected", "held"]
    direction: Literal["inbound", "outbound"]
    number: CallerNumber = ""


class RegisterParams(LineAsk, frozen=True, forbid_unknown_fields=True):
    """The app, what its softphone can do, and the calls it has."""

    app: Annotated[Name, Meta(description="the app's own name, as others shall read it")]
    capabilities: Annotated[
        tuple[Ability, ...], Meta(max_length=13, description="what is not named is never asked for")
    ]
    calls: (
        Annotated[
            tuple[ListedCall, ...],
            Meta(
                max_length=MAX_CALLS,
                description="all that are up, see [desktop-lines.md](desktop-lines.md); left out: as before",
            ),
        ]
        | None
    ) = None


class UnregisterParams(LineAsk, frozen=True, forbid_unknown_fields=True):
    """The line goes out of service."""


class ReportParams(LineAsk, frozen=True, forbid_unknown_fields=True):
    """What happened; which members an event takes is told below the table in docs/desktop-lines.md."""

    event: Annotated[Happening, Meta(description="see [desktop-lines.md](desktop-lines.md)")]
    call: (
        Annotated[AppCallName, Meta(description="the app's own name of the call; not with `muted`")] | None
    ) = None
    state: (
        Annotated[Literal["ringing", "waiting", "ringback"], Meta(description="`delivered`: how it rings")]
        | None
    ) = None
    number: Annotated[CallerNumber, Meta(description="`originated`, `delivered`, `updated`")] | None = None
    name: Annotated[CallerName, Meta(description="`delivered`, `updated`: the caller's name")] | None = None
    cause: Annotated[EndCause, Meta(description="`cleared`, `failed`: why; left out: unknown")] | None = None
    by: (
        Annotated[
            Literal["local", "remote", "network"],
            Meta(description="`cleared`, `failed`: who; left out: unknown"),
        ]
        | None
    ) = None
    muted: Annotated[bool, Meta(description="`muted`: whether the softphone transmits nothing")] | None = None


class DoneParams(LineAsk, frozen=True, forbid_unknown_fields=True):
    """What came of a `line.command`."""

    command: Annotated[int, Meta(ge=1, le=1 << 53, description="the `id` of the `line.command`")]
    ok: Annotated[bool, Meta(description="false: it was refused, or failed")]
    kind: Annotated[Failing, Meta(description="why not; left out: `device_error`")] | None = None
    message: Annotated[
        str, Meta(max_length=200, pattern=PRINTED, description="why not, for a person; never the digits")
    ] = ""
