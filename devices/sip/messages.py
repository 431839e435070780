"""What is said on the control channel: commands out; responses and notices (baresip's events) in.

May not know calls. A message that is neither response nor event is None, never an error.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from devices.sip.netstring import frame


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to the command that carried `token`; `data` is text meant for a person."""

    token: str
    ok: bool
    data: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An event: `type` such as CALL_INCOMING; `key` is the SIP Call-ID, empty where no call is meant."""

    type: str
    key: str = ""
    incoming: bool = False
    peer: str = ""
    name: str = ""
    param: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """What a host asked."""

    name: str
    params: str
    token: str


def command(name: str, params: str, token: str) -> bytes:
    """One command as it goes on the wire; without params the member is left out.

    baresip 1.1.0 takes empty params of `hangup` for the id of a call.
    """
    fields = {"command": name, "token": token}
    if params:
        fields["params"] = params
    return frame(json.dumps(fields).encode("ascii"))


def read(message: bytes) -> Response | Notice | None:
    """A message as a value; names may hold any byte a caller can send."""
    fields = _fields(message)
    if fields.get("response") is True:
        return Response(_text(fields, "token"), fields.get("ok") is True, _text(fields, "data"))
    if fields.get("event") in (True, "true"):
        return Notice(
            _text(fields, "type"),
            _text(fields, "id"),
            _text(fields, "direction") == "incoming",
            _text(fields, "peeruri"),
            _text(fields, "peerdisplayname"),
            _text(fields, "param"),
        )
    return None


def read_command(message: bytes) -> Command | None:
    """A host's message; None where it is no command."""
    fields = _fields(message)
    name = _text(fields, "command")
    return Command(name, _text(fields, "params"), _text(fields, "token")) if name else None


def _fields(message: bytes) -> dict[str, Any]:
    """The members of a message; none where it is no JSON object."""
    try:
        fields = json.loads(message.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""
