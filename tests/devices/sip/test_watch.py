"""A witness of somebody else's session: what answers say where no notice does; garbage from both sides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devices.sip.netstring import frame
from devices.sip.watch import MAX_PENDING, SipWatch
from state.ids import LineId
from tests.devices.sip.rig import names, told


class Session:
    """Both sides by hand."""

    def __init__(self) -> None:
        self.watch = SipWatch(LineId("line"))
        self.count = 0

    def says(self, fields: dict[str, Any]) -> list[tuple[str, ...]]:
        return told(list(self.watch.feed(frame(json.dumps(fields).encode()), 1.0).events))

    def event(self, kind: str, key: str = "k", way: str = "incoming", **more: str) -> list[tuple[str, ...]]:
        return self.says(
            {"event": True, "type": kind, "id": key, "direction": way, "peeruri": "sip:b@x"} | more
        )

    def does(
        self, command: str, params: str = "", data: str = "", *, ok: bool = True
    ) -> list[tuple[str, ...]]:
        self.count += 1
        token = f"t{self.count}"
        asked = {"command": command, "params": params, "token": token}
        self.watch.host_wrote(frame(json.dumps(asked).encode()))
        return self.says({"response": True, "ok": ok, "data": data, "token": token})


@pytest.fixture(name="session")
def _session() -> Session:
    return Session()


def test_hold_mute_and_resume_are_known_from_their_answers(session: Session) -> None:
    session.event("CALL_INCOMING")
    assert session.does("hold", ok=False) == []
    assert session.does("hold") == [], "it only rings"
    session.event("CALL_ESTABLISHED")
    assert session.does("hold") == [("CallHeld", "line-1")]
    assert session.does("resume") == [("CallRetrieved", "line-1")]
    assert session.does("mute", data="\ncall muted\n") == [("LineMuteReported", "True")]
    assert session.does("mute", data="\nwhat?\n") == []


def test_the_current_call_is_followed(session: Session) -> None:
    for key in ("one", "two"):
        session.event("CALL_INCOMING", key)
        session.event("CALL_ESTABLISHED", key)
    session.does("callfind", "one", "setting current call: one\n")
    assert session.does("hold") == [("CallHeld", "line-1")]
    session.event("CALL_CLOSED", "one")
    assert session.does("hold") == [("CallHeld", "line-2")]


def test_a_call_in_progress_is_taken_up_in_the_middle(session: Session) -> None:
    """What was before the first byte is unknown, so its beginning is told with the first notice of it."""
    assert names_of(session.event("CALL_ESTABLISHED")) == ["CallDelivered", "CallEstablished"]
    assert names_of(session.event("CALL_ESTABLISHED", "o", "outgoing")) == [
        "CallOriginated",
        "CallEstablished",
    ]
    assert names_of(session.event("CALL_CLOSED", "never heard of")) == []


def test_a_dial_that_is_refused_is_no_call(session: Session) -> None:
    assert session.does("dial", "sip:b@x", "Invalid argument", ok=False) == []
    assert session.does("dial", "10086", "call id: o\n") == [("CallOriginated", "line-1", "10086")]
    assert session.event("CALL_RINGING", "o", "outgoing")[0][:3] == ("CallDelivered", "line-1", "ringback")


def test_a_list_corrects_what_was_believed(session: Session) -> None:
    session.event("CALL_INCOMING")
    session.event("CALL_ESTABLISHED")
    row = "> [line 1]  0:00:01  ESTABLISHED  (on hold)  sip:b@x\n"
    assert session.does("listcalls", data=f"--- Active calls (1) ---\n{row}") == [("CallHeld", "line-1")]
    assert session.does("listcalls", data="garbled") == []
    ended = session.does("listcalls", data="--- Active calls (0) ---\n")
    assert ended == [("CallCleared", "line-1", "normal_clearing", "unknown")]


def test_garbage_of_either_side_is_passed_over(session: Session) -> None:
    session.watch.host_wrote(b"HTTP/1.1\r\n" + frame(b"[]") + frame(b'{"command":7}'))
    assert told(list(session.watch.feed(b"\x00\xff" + frame(b"nope"), 0.0).events)) == []
    assert names_of(session.event("CALL_INCOMING")) == ["CallDelivered"]


def test_commands_that_are_never_answered_are_not_kept_for_ever(session: Session) -> None:
    for number in range(1000):
        session.watch.host_wrote(frame(json.dumps({"command": "about", "token": str(number)}).encode()))
    assert len(session.watch._pending) == MAX_PENDING


def names_of(rows: list[tuple[str, ...]]) -> list[str]:
    return [row[0] for row in rows]


def test_a_step_has_no_bytes_to_write(session: Session) -> None:
    message = {"event": True, "type": "CALL_INCOMING", "id": "k", "direction": "incoming"}
    step = session.watch.feed(frame(json.dumps(message).encode()), 0.0)
    assert step.writes == ()
    assert names(list(step.events)) == ["CallDelivered"]
