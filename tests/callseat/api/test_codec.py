"""The push parser: any cutting gives the same messages; any bytes an answer, and bounded memory."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callseat.api.codec import (
    Bad,
    Decoder,
    Message,
    Notification,
    Request,
    Response,
    decode_answer,
    decode_line,
    encode_bad,
    encode_error,
    encode_notification,
    encode_request,
    encode_response,
)
from callseat.api.errors import RequestError

STREAM = (
    b'{"jsonrpc":"2.0","id":1,"method":"call.answer","params":{"call":"sim-1"}}\n'
    b'{"jsonrpc":"2.0","method":"cue.repeat"}\r\n'
    b"\n \r\n"
    b'{"jsonrpc":"2.0","id":"\xe7\x94\xb2","method":"state.get","params":null}\n'
    b"[]\n"
    b"{oops\n"
    b'"\xff\xfe"\n' + b"x" * 300 + b"\n"
    b'{"jsonrpc":"2.0","id":2,"method":"server.info","params":{}}\n'
)
KINDS_OF_STREAM = [
    Request(1, "call.answer", {"call": "sim-1"}),
    Notification("cue.repeat"),
    Request("甲", "state.get"),
    "batch",
    "parse_error",
    "not_utf8",
    "too_long",
    Request(2, "server.info"),
]


def shape(messages: list[Message]) -> list[object]:
    return [message.kind if isinstance(message, Bad) else message for message in messages]


def fed(pieces: list[bytes], max_line: int = 200) -> list[Message]:
    decoder = Decoder(max_line)
    return [message for piece in pieces for message in decoder.feed(piece)]


def test_whole_stream() -> None:
    assert shape(fed([STREAM])) == KINDS_OF_STREAM


def test_byte_by_byte() -> None:
    assert fed([STREAM[n : n + 1] for n in range(len(STREAM))]) == fed([STREAM])


def test_trailing_garbage_stays_unread_and_costs_nothing_before_it() -> None:
    decoder = Decoder(200)
    assert shape(decoder.feed(STREAM + b"\xff{garbage")) == KINDS_OF_STREAM
    assert decoder.held == 9


def test_a_missing_line_feed_at_the_end_is_no_request() -> None:
    assert fed([STREAM.splitlines()[0]]) == []


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cutting_gives_the_same_messages(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(edges)]
    assert fed(pieces) == fed([STREAM])


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_give_messages_that_can_be_answered(data: bytes, size: int) -> None:
    pieces = [data[n : n + size] for n in range(0, len(data), size)]
    messages = fed(pieces, 64)
    assert messages == fed([data], 64)
    assert all(json.loads(encode_bad(one)) for one in messages if isinstance(one, Bad))
    assert len(messages) <= data.count(b"\n") + 1


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | json_values,
        "id": json_values,
        "method": st.text(max_size=12) | json_values,
        "params": json_values,
    },
)


@given(envelopes)
def test_any_object_is_a_request_a_notification_or_answered_under_its_id(envelope: dict[str, object]) -> None:
    message = decode_line(json.dumps(envelope).encode())
    asked = envelope.get("id")
    proper = isinstance(asked, str | int) and not isinstance(asked, bool)
    if isinstance(message, Bad):
        assert json.loads(encode_bad(message))["id"] == (asked if proper else None)
    else:
        assert envelope["jsonrpc"] == "2.0"
        assert message.method == envelope["method"]
        assert isinstance(message, Request) == ("id" in envelope)


@pytest.mark.parametrize(
    ("line", "kind", "code", "number"),
    [
        (b"[]", "batch", -32600, None),
        (b'[{"jsonrpc":"2.0","id":1,"method":"a"}]', "batch", -32600, None),
        (b"7", "invalid_request", -32600, None),
        (b'{"id":1,"method":"a"}', "invalid_request", -32600, 1),
        (b'{"jsonrpc":"1.0","id":1,"method":"a"}', "invalid_request", -32600, 1),
        (b'{"jsonrpc":"2.0","id":1}', "invalid_request", -32600, 1),
        (b'{"jsonrpc":"2.0","id":1,"result":{}}', "invalid_request", -32600, 1),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', "invalid_request", -32600, 1),
        (b'{"jsonrpc":"2.0","id":null,"method":"a"}', "invalid_request", -32600, None),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"a"}', "invalid_request", -32600, None),
        (b'{"jsonrpc":"2.0","id":true,"method":"a"}', "invalid_request", -32600, None),
        (b'{"jsonrpc":"2.0","id":"b","method":"a","params":[1]}', "invalid_params", -32602, "b"),
        (b'{"jsonrpc":"2.0","id":1,"method":"a"} x', "parse_error", -32700, None),
        (b"{'id':1}", "parse_error", -32700, None),
        (b'{"id":"\\ud800"}', "parse_error", -32700, None),
        (b"[" * 60000, "parse_error", -32700, None),
        (b'{"id":"\xc3\x28"}', "not_utf8", -32700, None),
        (b"\xff", "not_utf8", -32700, None),
    ],
)
def test_bad_lines(line: bytes, kind: str, code: int, number: object) -> None:
    message = decode_line(line)
    assert isinstance(message, Bad)
    error = json.loads(encode_bad(message))
    assert (error["error"]["data"]["kind"], error["error"]["code"], error["id"]) == (kind, code, number)
    assert error["error"]["message"]


def test_a_line_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    line = encode_request(1, "a", {})[:-1]
    assert fed([line + b"\n"], len(line)) == [Request(1, "a")]
    assert shape(fed([line + b" \n"], len(line))) == ["too_long"]


def test_too_long_is_told_at_once_once_and_the_next_line_is_served() -> None:
    decoder = Decoder(100)
    assert shape(decoder.feed(b"x" * 101)) == ["too_long"]
    assert decoder.feed(b"y" * 5000) == []
    assert decoder.held == 0
    assert decoder.feed(b"z\n" + encode_request(3, "a", {})) == [Request(3, "a")]


def test_a_line_of_ten_megabytes_does_not_grow_memory() -> None:
    decoder, chunk = Decoder(), b"x" * 4096
    tracemalloc.start()
    found = [message for _ in range(10 * 256) for message in decoder.feed(chunk)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert shape(found) == ["too_long"]
    assert peak < 4 * decoder.max_line


def test_requests_round_trip() -> None:
    assert decode_line(encode_request("x", "call.dial", {"number": "110"})) == Request(
        "x", "call.dial", {"number": "110"}
    )


def test_answers_round_trip() -> None:
    assert decode_answer(encode_response(4, {"seq": 1})) == Response(4, {"seq": 1})
    assert decode_answer(encode_notification("call.held", {"seq": 2})) == Notification(
        "call.held", {"seq": 2}
    )
    refused = decode_answer(
        encode_error(5, RequestError("no_such_call", "none", {"detail": "+CME ERROR: 4"}))
    )
    assert isinstance(refused, Response)
    assert refused.error is not None
    error = refused.error
    assert (error.kind, error.code, error.message) == ("no_such_call", 2, "none")
    assert error.data == {"detail": "+CME ERROR: 4"}


def test_every_encoded_line_is_one_line() -> None:
    note = {"note": "two\nlines\r\n"}
    for line in (encode_request(1, "a", note), encode_response(1, note), encode_notification("b", note)):
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1


def test_a_kind_that_is_in_no_table_keeps_its_name() -> None:
    line = json.loads(encode_error(1, RequestError("brand_new", "?")))
    assert line["error"] == {"code": -32603, "message": "?", "data": {"kind": "brand_new"}}


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1}}',
        b'{"jsonrpc":"2.0","id":1,"error":"no"}',
        b'{"jsonrpc":"2.0","id":1,"method":"a"}',
    ],
)
def test_a_client_knows_what_is_no_answer(line: bytes) -> None:
    assert isinstance(decode_answer(line), Bad)


@pytest.mark.parametrize(("code", "kind"), [(-32601, "method_not_found"), (-32000, "internal_error")])
def test_an_error_of_a_plain_json_rpc_server_gets_a_kind(code: int, kind: str) -> None:
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": "m"}}).encode()
    answer = decode_answer(line)
    assert isinstance(answer, Response)
    assert answer.error is not None
    assert (answer.error.kind, answer.error.code) == (kind, code)
