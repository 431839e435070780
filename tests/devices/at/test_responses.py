"""Single responses of real devices: what is concluded from each, row by row, none left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from devices.at.grammar import Meaning, Notice, read_final, read_notice, unglue
from devices.at.lexer import Lexer
from devices.at.profiles import GSM
from devices.at.records import read_record
from devices.at.transcript import unescape
from devices.at.values import listed_call, voice_call_waiting
from devices.at.watch import WatchingEngine
from state.events import CallFailed, CallOriginated
from state.ids import LineId
from state.words import By, CallState, Cause
from tests.support import need_shared_data

Expect = dict[str, Any]

STATS = {"active": CallState.CONNECTED, "waiting": CallState.WAITING, "dialing": CallState.DIALING}
MEANINGS = {
    "dialing": Meaning.CALLS_CHANGED,
    "connected": Meaning.CALLS_CHANGED,
    "call_created": Meaning.CALLS_CHANGED,
    "call_state": Meaning.CALL_ENDED,  # the one such row is +UCALLSTAT 6, disconnected
    "call_ended": Meaning.CALL_ENDED,
    "voice_path_down": Meaning.PATH_DOWN,
    "missed_call": Meaning.CALL_ENDED,
    "dtmf": Meaning.DIGIT,
    "ring": Meaning.RING,
}


def lines(data: bytes) -> list[str]:
    return [part for line in Lexer().feed(data + b"\r\n") for part in unglue(line)]


def notices(data: bytes) -> list[Notice]:
    return [notice for line in lines(data) if (notice := read_notice(line)) is not None]


def check_echo(data: bytes, expect: Expect) -> None:
    lexer = Lexer()
    lexer.expect_echo(b"echo echo\r")
    assert lexer.feed(data + b"\r\n") == lines(unescape(expect["after_echo_removal"]))


def check_final(data: bytes, expect: Expect) -> None:
    finals = [final for line in lines(data) if (final := read_final(line)) is not None]
    if "final_found" not in expect:
        assert len(finals) == 2
        return
    assert bool(finals) is expect["final_found"]
    assert any(not final.ok for final in finals) is expect["is_error"]


def check_calls(data: bytes, expect: Expect) -> None:
    rows = [listed_call(line) for line in lines(data) if line.startswith("+CLCC:")]
    assert len(rows) == len(expect["calls"])
    for row, want in zip(rows, expect["calls"], strict=True):
        assert (row.index, row.incoming) == (want["idx"], want["dir"] == "in")
        assert (row.state, row.voice) == (STATS[want["stat"]], want["mode"] == "voice")
        assert (row.in_conference, row.number) == (want["mpty"] == 1, want.get("number", ""))
        assert (row.number_type, row.name) == (want.get("type"), want.get("alpha", ""))


def check_list_event(data: bytes, expect: Expect) -> None:
    found = lines(data)
    rows = [listed_call(line) for line in found if line.startswith("+CLCC:")]
    slcc = [line for line in found if line.startswith("^SLCC:")]
    rows += [listed_call(line, number_at=6) for line in slcc if line.partition(":")[2].strip()]
    assert len(rows) == expect.get("n", 1)
    assert all(read_notice(line) == Notice(Meaning.CALLS_CHANGED) for line in slcc)


def check_caller(data: bytes, expect: Expect) -> None:
    told = notices(data)
    callers = [notice.caller for notice in told if notice.caller is not None]
    assert next((caller.number for caller in callers if caller.number), None) == expect["number"]
    assert [caller.name for caller in callers if caller.name] == [
        expect["name"] for _ in range("name" in expect)
    ]
    if expect.get("presentation") == "private":
        assert callers[0].withheld


def check_clip(data: bytes, expect: Expect) -> None:
    (notice,) = notices(data)
    assert notice.meaning is (Meaning.WAITING if expect["event"] == "call_waiting" else Meaning.CALLER)
    assert notice.caller is not None
    got = (notice.caller.number, notice.caller.number_type, notice.caller.validity)
    assert got == (expect["number"], expect["type"], expect["validity"])


def check_event(data: bytes, expect: Expect) -> None:
    notice = notices(data)[-1]
    assert notice.meaning is MEANINGS[expect["event"]]
    if "idx" in expect:
        assert notice.index == expect["idx"]


def check_indicators(data: bytes, expect: Expect) -> None:
    names = ("service", "call", "callsetup")
    told = [f"{names[(notice.index or 0) - 1]}={notice.value}" for notice in notices(data)]
    assert told == expect["events"]


def check_number(data: bytes, expect: Expect) -> None:
    (row,) = (listed_call(line) for line in lines(data))
    assert (row.number, row.fault) == (expect.get("number", ""), expect.get("error", ""))


def check_list_of_commands(data: bytes, expect: Expect) -> None:
    found = lines(data)
    assert found == ["&C", "&D", "E", "OK"]
    assert read_final(found[-1]) is not None


def check_call_waiting(data: bytes, expect: Expect) -> None:
    said = {True: "on", False: "off", None: "voice class absent: unknown"}
    assert said[voice_call_waiting(lines(data))] == expect["voice_call_waiting"]


def check_late_ok(data: bytes, expect: Expect) -> None:
    """OK is no word for it: the time it took and the list after it are."""
    engine = WatchingEngine(LineId("line"), GSM)
    engine.host_wrote(b"ATD0301;\r", 0.0)
    assert engine.heard(data, [9.0] * len(data)) == [CallOriginated(9.0, "line", "line", "line-1", "0301")]
    engine.host_wrote(b"AT+CLCC\r", 9.1)
    (failed,) = engine.feed(b"\r\nOK\r\n", 9.2).events
    assert isinstance(failed, CallFailed)
    assert (failed.cause, failed.by) == (Cause.REJECTED, By.REMOTE)


def check_box(data: bytes, expect: Expect) -> None:
    record = read_record(data.decode("ascii"))
    assert record is not None
    assert (record.incoming, record.intact) == (expect["direction"] == "in", expect["checksum"] == "good")
    assert (record.line, record.duration_s) == (str(expect["line"]), expect["duration"])
    for field in ("phase", "ring", "date", "time", "number", "name"):
        assert getattr(record, field) == expect[field]


def check_accounting(data: bytes, expect: Expect) -> None:
    record = read_record(data.decode("ascii"))
    assert record is not None
    if "event" in expect:
        assert (record.extension, record.logged_in) == (expect["extension"], True)
        return
    assert (record.incoming, record.duration_s) == (expect["direction"] == "in", expect["duration"])
    for field in ("date", "time", "extension", "number", "name", "line"):
        assert getattr(record, field) == expect[field]


EVENT_CHECKS: dict[str, Callable[[bytes, Expect], None]] = {
    "caller_id": check_caller,
    "clip": check_clip,
    "call_waiting": check_clip,
    "call_list": check_list_event,
    "call_rejected_by_far_end": check_late_ok,
    "agent_log_in": check_accounting,
}
FIELD_CHECKS: tuple[tuple[str, Callable[[bytes, Expect], None]], ...] = (
    ("after_echo_removal", check_echo),
    ("checksum", check_box),
    ("extension", check_accounting),
    ("events", check_indicators),
    ("event", check_event),
    ("calls", check_calls),
    ("error", check_number),
    ("number", check_number),
    ("voice_call_waiting", check_call_waiting),
    ("reply_to", check_list_of_commands),
    ("final_found", check_final),
    ("note", check_final),
)


def check_of(expect: Expect) -> Callable[[bytes, Expect], None]:
    if expect.get("event") in EVENT_CHECKS:
        return EVENT_CHECKS[expect["event"]]
    return next(check for field, check in FIELD_CHECKS if field in expect)


def test_rows_of_real_devices() -> None:
    path = need_shared_data("at_responses", "real_responses.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]
    wrong: list[str] = []
    passed = 0
    for row in rows:
        try:
            check_of(row["expect"])(unescape(row["stream"], row["id"]), row["expect"])
        except AssertionError as error:
            wrong.append(f"{row['id']} {row['stream']}: {error}")
        else:
            passed += 1
    assert wrong == []
    assert (passed, len(rows)) == (51, 51)
