"""Messages, lists, numbers and causes: what baresip writes for a person, read as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.sip.causes import why
from devices.sip.listing import (
    CallFacts,
    ListedCall,
    call_facts,
    listed_calls,
    told_key,
    told_mute,
    version,
)
from devices.sip.messages import Command, Notice, Response, command, read, read_command
from devices.sip.numbers import dial_target, name_of, number_of
from state.words import By, CallState, Cause

OLD = (
    "\n--- Active calls (2) ---\n"
    "  [line 1]  0:00:01  ESTABLISHED  (on hold)  sip:bob@127.0.0.1:5174\n"
    "> [line 2]  0:00:00   INCOMING             sip:carol@127.0.0.1:5178\n\n"
)
NEW = (
    "\nUser-Agent: agent@127.0.0.1\n--- Active calls (1) ---\n"
    "> [line 12, id 823145e3a804de63]  10:00:04    RINGING             sip:10086@127.0.0.1\n\n"
)


def test_a_list_of_1_0_0() -> None:
    bob, carol = listed_calls(OLD) or ()
    assert bob == ListedCall(1, "ESTABLISHED", True, False, "sip:bob@127.0.0.1:5174")
    assert (bob.state, bob.incoming) == (CallState.HELD, None)
    assert (carol.line, carol.current, carol.state, carol.incoming) == (2, True, CallState.RINGING, True)


def test_a_list_of_1_1_0_names_its_calls() -> None:
    (row,) = listed_calls(NEW) or ()
    assert (row.line, row.key, row.state, row.incoming) == (
        12,
        "823145e3a804de63",
        CallState.RINGBACK,
        False,
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("\n--- Active calls (0) ---\n\n", 0),
        ("\n--- No active calls ---\n", 0),
        ("\nUser-Agent: a@b\n--- Active calls (0) ---\n\n\nUser-Agent: c@d\n--- Active calls (0) ---\n\n", 0),
        (OLD.replace("INCOMING", "TERMINATED"), 1),
        (OLD.replace("(2)", "(3)"), None),
        (OLD[:-40], None),
        (OLD.replace("INCOMING", "DANCING"), None),
        (OLD.replace("0:00:00", "soon"), None),
        ("", None),
        ("command not found (listcalls)\n", None),
    ],
)
def test_a_list_is_read_whole_or_not_at_all(text: str, count: int | None) -> None:
    rows = listed_calls(text)
    assert (None if rows is None else len(rows)) == count


@given(st.text(max_size=400))
def test_no_text_is_an_error(text: str) -> None:
    assert not listed_calls(text)
    assert call_facts(text) is None
    assert all(part >= 0 for part in version(text))
    assert len(number_of(text)) <= len(text) + len("sip:@")
    assert " " not in dial_target(text)
    assert why(text, incoming=True, established=False, ended_here=False).cause in Cause


@given(st.binary(max_size=200))
def test_no_message_is_an_error(message: bytes) -> None:
    assert read(message) is None
    assert read_command(message) is None


def test_the_report_on_a_call() -> None:
    text = "\n===== Call debug (X) =====\n af=AF_INET id=c05b@host\n direction: Outgoing\nSDP session\n"
    assert call_facts(text) == CallFacts("c05b@host", incoming=False)
    assert call_facts("\n(no active calls)\n") is None


def test_what_is_told_in_passing() -> None:
    assert version("| \x1b[34;1mbare\x1b[31;1msip\x1b[;m 1.0.0   |\n") == (1, 0, 0)
    assert version("no number") == ()
    assert [told_mute(text) for text in ("\ncall muted\n", "\ncall un-muted\n", "?")] == [True, False, None]
    assert told_key("call uri: sip:x@y\ncall id: 7fa0dbe3\n") == "7fa0dbe3"
    assert told_key("") == ""


def test_messages_both_ways() -> None:
    assert command("about", "", "c1") == b'35:{"command": "about", "token": "c1"},'
    assert read_command(b'{"command":"dial","params":"1","token":"t"}') == Command("dial", "1", "t")
    assert read(b'{"response":true,"ok":false,"data":"no","token":"t"}') == Response("t", False, "no")
    event = {"event": True, "type": "CALL_CLOSED", "id": "k", "direction": "incoming", "peeruri": "sip:a@b"}
    assert read(json.dumps(event).encode()) == Notice("CALL_CLOSED", "k", True, "sip:a@b")
    assert read(b'{"event":"true","type":"X","id":7}') == Notice("X")
    assert read(b'{"event":true,"type":"A","peerdisplayname":"\xff\x01"}') == Notice("A", name="�\x01")
    for nothing in (b"", b"[]", b"{", b'{"message":true}', b"[" * 5000, b"1e999"):
        assert read(nothing) is None


@pytest.mark.parametrize(
    ("number", "target"),
    [
        ("10086", "10086"),
        ("+86 138-0013 (8000)", "+8613800138000"),
        ("*#06#", "*%2306%23"),
        ("sip:bob@10.0.0.1:5070", "sip:bob@10.0.0.1:5070"),
        ("sips:bob@x;transport=tls", "sips:bob@x;transport=tls"),
        ("sip:bob@x /quit", ""),
        ("1\n2", ""),
        ("bob", ""),
        ("", ""),
    ],
)
def test_what_may_be_dialled(number: str, target: str) -> None:
    assert dial_target(number) == target


@pytest.mark.parametrize(
    ("peer", "number"),
    [
        ("sip:13800138000@pbx.example", "13800138000"),
        ("sip:+86-138@pbx;user=phone", "+86138"),
        ("sip:*%2306%23@pbx", "*#06#"),
        ("tel:+8610086", "+8610086"),
        ("sip:bob@127.0.0.1:5070", "sip:bob@127.0.0.1:5070"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:10086:secret@pbx", "10086"),
        ("10086", "10086"),
        ("", ""),
    ],
)
def test_who_a_caller_is(peer: str, number: str) -> None:
    assert number_of(peer) == number
    assert name_of("Anonymous") == ""


RINGING, TALKING, CALLING = (True, False), (True, True), (False, False)


@pytest.mark.parametrize(
    ("text", "call", "cause", "by"),
    [
        ("Connection reset by user", RINGING, Cause.REJECTED, By.LOCAL),
        ("Connection reset by user", TALKING, Cause.NORMAL_CLEARING, By.LOCAL),
        ("Connection reset by user", CALLING, Cause.CALL_CANCELLED, By.LOCAL),
        ("Connection reset by peer", RINGING, Cause.CALL_CANCELLED, By.REMOTE),
        ("Connection reset by peer", TALKING, Cause.NORMAL_CLEARING, By.REMOTE),
        ("486 Rejected", CALLING, Cause.BUSY, By.REMOTE),
        ("600 Busy Everywhere", CALLING, Cause.BUSY, By.REMOTE),
        ("404 Not Found", CALLING, Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
        ("480 Temporarily Unavailable", CALLING, Cause.CALL_NOT_ANSWERED, By.REMOTE),
        ("408 Request Timeout", CALLING, Cause.CALL_NOT_ANSWERED, By.REMOTE),
        ("487 Request Terminated", RINGING, Cause.CALL_CANCELLED, By.REMOTE),
        ("603 Decline", CALLING, Cause.REJECTED, By.REMOTE),
        ("503 Service Unavailable", CALLING, Cause.NETWORK_CONGESTION, By.NETWORK),
        ("599", CALLING, Cause.DEST_OUT_OF_ORDER, By.NETWORK),
        ("499 Whatever", CALLING, Cause.UNKNOWN, By.NETWORK),
        ("699 Whatever", CALLING, Cause.REJECTED, By.REMOTE),
        ("Connection timed out", CALLING, Cause.TIMEOUT, By.NETWORK),
        ("Destination address required", CALLING, Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
        ("Local timeout", RINGING, Cause.CALL_NOT_ANSWERED, By.LOCAL),
        ("Call transfered", TALKING, Cause.TRANSFER, By.LOCAL),
        ("rtp stream error", TALKING, Cause.DEST_OUT_OF_ORDER, By.NETWORK),
        ("", TALKING, Cause.NORMAL_CLEARING, By.UNKNOWN),
        ("", CALLING, Cause.UNKNOWN, By.UNKNOWN),
    ],
)
def test_why_a_call_ended(text: str, call: tuple[bool, bool], cause: Cause, by: By) -> None:
    incoming, established = call
    end = why(text, incoming=incoming, established=established, ended_here=False)
    assert (end.cause, end.by) == (cause, by)
