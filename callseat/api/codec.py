"""JSON-RPC 2.0, one object per LF line, as a push parser and a set of encoders.

May not do I/O, read a clock or know a method: bytes in, messages out; values in, one line of bytes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from callseat.api.errors import RequestError, code_of

MAX_LINE = 65536
"""Longest request line in bytes without its LF; the longest honest request (a call note) is below 8 KiB."""

JsonId = str | int
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants an answer under `id`."""

    id: JsonId
    method: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notification:
    """Something told without wanting an answer; from a client, or from the server to its subscribers."""

    method: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that is no request; answered under its `id` where one could be read, else under null."""

    kind: str
    message: str
    id: JsonId | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """The server's answer to request `id`: a result, or an error."""

    id: JsonId | None
    result: Any = None
    error: RequestError | None = None


Message = Request | Notification | Bad


class Decoder:
    """Cut a byte stream into lines and lines into messages; holds at most `max_line` bytes."""

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self.max_line = max_line
        self._partial = bytearray()
        self._discarding = False

    @property
    def held(self) -> int:
        """Bytes of an unfinished line kept back."""
        return len(self._partial)

    def feed(self, data: bytes) -> list[Message]:
        """Take any chunk of the stream; a last line without LF stays unread."""
        messages: list[Message] = []
        start = 0
        while start < len(data):
            end = data.find(b"\n", start)
            stop = len(data) if end < 0 else end
            self._extend(data, start, stop, messages)
            if end < 0:
                break
            self._finish(messages)
            start = end + 1
        return messages

    def _extend(self, data: bytes, start: int, stop: int, messages: list[Message]) -> None:
        if self._discarding:
            return
        if len(self._partial) + stop - start > self.max_line:
            self._discarding = True
            self._partial.clear()
            messages.append(Bad("too_long", f"line longer than {self.max_line} bytes"))
        else:
            self._partial += data[start:stop]

    def _finish(self, messages: list[Message]) -> None:
        line = bytes(self._partial)
        self._partial.clear()
        if not self._discarding and line.strip():
            messages.append(decode_line(line))
        self._discarding = False


def decode_line(line: bytes) -> Message:
    """Read one request line (without its LF)."""
    value = _json(line)
    if isinstance(value, Bad):
        return value
    if isinstance(value, list):
        return Bad("batch", "batches are not served: send one request per line")
    if not isinstance(value, dict):
        return Bad("invalid_request", "a request is a JSON object")
    return _message(value)


def _json(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Bad("not_utf8", f"byte {error.start} of the line is not UTF-8")
    except (msgspec.DecodeError, RecursionError) as error:
        return Bad("parse_error", f"not JSON: {error}")


def _message(value: dict[str, Any]) -> Message:
    asked = value.get("id")
    named = "id" in value
    known = asked if _is_id(asked) else None
    if named and known is None:
        return Bad("invalid_request", "id must be a string or an integer")
    if value.get("jsonrpc") != "2.0":
        return Bad("invalid_request", 'jsonrpc must be "2.0"', known)
    method = value.get("method")
    if not isinstance(method, str):
        return Bad("invalid_request", "method must be a string", known)
    params = value.get("params")
    if params is None:
        params = {}
    if not isinstance(params, dict):
        return Bad("invalid_params", "params must be an object: parameters go by name", known)
    return Notification(method, params) if known is None else Request(known, method, params)


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def encode_request(number: JsonId, method: str, params: Mapping[str, object]) -> bytes:
    """Encode a request a client makes."""
    return _line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def encode_response(number: JsonId | None, result: object) -> bytes:
    """Encode the answer to request `number`."""
    return _line({"jsonrpc": "2.0", "id": number, "result": result})


def encode_error(number: JsonId | None, error: RequestError) -> bytes:
    """Encode a refusal; `data.kind` names it, the rest of `data` is the refuser's detail."""
    data = {**error.data, "kind": error.kind}
    body = {"code": error.code, "message": error.message, "data": data}
    return _line({"jsonrpc": "2.0", "id": number, "error": body})


def encode_bad(bad: Bad) -> bytes:
    """Encode the answer to a line that is no request."""
    return encode_error(bad.id, RequestError(bad.kind, bad.message))


def encode_notification(method: str, params: Mapping[str, object]) -> bytes:
    """Encode something the server tells without being asked."""
    return _line({"jsonrpc": "2.0", "method": method, "params": params})


def decode_answer(line: bytes) -> Response | Notification | Bad:
    """Read one line the server sent; for clients."""
    value = _json(line)
    if isinstance(value, Bad):
        return value
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        return Bad("invalid_request", "not a JSON-RPC 2.0 object")
    if "method" in value:
        message = _message(value)
        return message if isinstance(message, Notification) else Bad("invalid_request", "not for a client")
    if ("result" in value) == ("error" in value):
        return Bad("invalid_request", "neither answer nor notification")
    if "result" in value:
        return Response(value.get("id"), result=value["result"])
    return _refusal(value.get("id"), value["error"])


def _refusal(number: JsonId | None, body: Any) -> Response | Bad:
    if not isinstance(body, dict) or not isinstance(body.get("code"), int):
        return Bad("invalid_request", "an error without a code")
    data = body.get("data")
    detail = dict(data) if isinstance(data, dict) else {}
    kind = str(detail.pop("kind", _kind_of(body["code"])))
    return Response(number, error=RequestError(kind, str(body.get("message", "")), detail, body["code"]))


def _kind_of(code: int) -> str:
    standard = ("parse_error", "invalid_request", "method_not_found", "invalid_params")
    return next((kind for kind in standard if code_of(kind) == code), "internal_error")


def _line(value: object) -> bytes:
    return msgspec.json.encode(value) + b"\n"
