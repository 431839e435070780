"""What a request can be refused with: a JSON-RPC code and a string kind, both fixed for good.

May not decide when: that is for the method table, the server and the core.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from state.errors import SeatError


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One way to be refused. Several kinds may share a standard code; a positive code has one kind."""

    kind: str
    code: int
    meaning: str


_KINDS = (
    ErrorKind("parse_error", -32700, "The line is not JSON."),
    ErrorKind("not_utf8", -32700, "The line is not UTF-8."),
    ErrorKind("invalid_request", -32600, "The line is JSON, but not a JSON-RPC 2.0 request."),
    ErrorKind("batch", -32600, "The line is an array; send one request per line."),
    ErrorKind("too_long", -32600, "The line is longer than the limit; all of it was thrown away."),
    ErrorKind("method_not_found", -32601, "No such method; the nearest name is in the message."),
    ErrorKind(
        "invalid_params", -32602, "A parameter is missing, unknown, of the wrong type or out of range."
    ),
    ErrorKind("internal_error", -32603, "A fault of callseat; the daemon's log has the details."),
    ErrorKind("invalid_state", 1, "The call, line or agent is not in a state that allows this."),
    ErrorKind("no_such_call", 2, "No call of this name, or none this could mean."),
    ErrorKind("not_supported", 3, "The line or device cannot do this at all."),
    ErrorKind("line_out_of_service", 4, "The line does not answer."),
    ErrorKind("timeout", 5, "No answer in time; whether it was done shows in the notifications that follow."),
    ErrorKind("device_error", 6, "The line or device refused; `detail` has its own words."),
    ErrorKind("hang_up_held", 7, "Too early to hang up by the procedure; ask again to hang up all the same."),
    ErrorKind("not_signed_in", 8, "Nobody is signed in at this seat."),
    ErrorKind("busy", 9, "Too much is under way; ask again later."),
    ErrorKind("slow_client", 10, "The client reads too slowly and is dropped (last notification only)."),
    ErrorKind("locked", 11, "The headset refuses to be un-muted (boom arm up)."),
    ErrorKind("invalid_number", 12, "The line cannot dial what was given as a number."),
    ErrorKind("gone", 13, "The line or device is not there any more."),
    ErrorKind("denied", 14, "The system does not let callseat use the line or device."),
    ErrorKind("held", 15, "Another app holds the headset or serves the line; `holder` names it."),
    ErrorKind("not_held", 16, "The app has not acquired the headset, or not registered the line."),
    ErrorKind("no_such_device", 17, "No device of this name is attached."),
)
ERROR_KINDS: Mapping[str, ErrorKind] = {entry.kind: entry for entry in _KINDS}

UNLISTED_CODE = ERROR_KINDS["internal_error"].code
"""A kind outside the table keeps its name and gets this code: a newer core must not end an older socket."""


class RequestError(SeatError):
    """A request was refused: raised by whoever serves it, and by the client when it is told so."""

    def __init__(
        self, kind: str, message: str, data: Mapping[str, object] | None = None, code: int = 0
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.data = dict(data or {})
        self.code = code or code_of(kind)


def code_of(kind: str) -> int:
    """Give the JSON-RPC code of an error kind."""
    entry = ERROR_KINDS.get(kind)
    return entry.code if entry else UNLISTED_CODE
