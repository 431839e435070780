from __future__ import annotations

import json
import os
import re
import threading
from pathlib import Path

import pytest

from callseat.journal import Header, Journal, headers, replay, replay_events
from callseat.journal.files import RotatingFile, previous
from state.commands import Dial, SendDigits
from state.effects import CallCommand, Publish
from state.errors import ConfigError, ProtocolError
from state.events import CallDelivered, CallHeld, CommandRequested, DigitKeyed, Event
from state.ids import CallId, DeviceId, LineId
from state.words import CallState, Direction

HEADER = Header("s1", "boot1", "cfg1", "phr1", "0.1.0")
LINE, CALL = LineId("desk"), CallId("desk-1")
PLENTY = 1 << 20


def held(at: float) -> CallHeld:
    return CallHeld(at, "desk", LINE, CALL)


def write(path: Path, *decided: Event, header: Header = HEADER, max_bytes: int = PLENTY) -> Journal:
    journal = Journal(path, max_bytes, header)
    journal.start()
    for event in decided:
        journal.consumed(event.at, event, (Publish("call.held"),))
    journal.close()
    return journal


def test_events_come_back_in_order_with_effects(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.jsonl"
    journal = Journal(path, PLENTY, HEADER)
    journal.start()
    journal.consumed(1.0, held(1.0), (Publish("call.held"), CallCommand(LINE, Dial("1"))))
    journal.consumed(2.0, None, (Publish("cue"),))
    journal.consumed(3.0, held(3.0), ())
    journal.close()
    assert list(replay_events(path)) == [held(1.0), held(3.0)]
    first, time_passed, last = replay(path)
    assert first.effects == (("Publish", "call.held"), ("CallCommand", "desk", "Dial"))
    assert (time_passed.at, time_passed.event, time_passed.effects) == (2.0, None, (("Publish", "cue"),))
    assert last.effects == ()
    assert (journal.status().written, journal.status().dropped, journal.status().trouble) == (3, 0, "")
    assert path.stat().st_mode & 0o007 == 0


def test_no_secret_reaches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(
        path,
        CallDelivered(
            1.0, "desk", LINE, CALL, CallState.RINGING, Direction.INBOUND, "13800138000", "陈13800138000"
        ),
        CommandRequested(2.0, "app", Dial("02087654321")),
        CommandRequested(3.0, "app", SendDigits("4829")),
        *(DigitKeyed(4.0, "headset", DeviceId("headset"), digit) for digit in "9876"),
    )
    text = path.read_text(encoding="utf-8")
    assert "*********00" in text
    assert not re.search(r"\d{5,}", text)
    assert not re.search(r"4829|\"[9876]\"", text)
    assert text.count('"digit":"?"') == 4


def test_a_journal_never_outgrows_its_bound_and_keeps_the_newest(tmp_path: Path) -> None:
    path, bound = tmp_path / "j", 8192
    write(path, *(held(float(at)) for at in range(1000)), max_bytes=bound)
    assert path.stat().st_size + previous(path).stat().st_size <= bound
    kept = [event.at for event in replay_events(path)]
    assert kept == [float(at) for at in range(1000 - len(kept), 1000)]
    assert len(kept) > 30
    for file in (previous(path), path):
        head = json.loads(file.read_bytes().splitlines()[0])
        assert (head["type"], head["config"], head["phrases"]) == ("Journal", "cfg1", "phr1")


def test_every_run_begins_with_its_own_header(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path, held(1.0))
    write(path, held(2.0), header=Header("s2", "boot2", "cfg2", "phr1"))
    assert [head["session"] for head in headers(path)] == ["s1", "s2"]
    assert [event.at for event in replay_events(path)] == [1.0, 2.0]


def test_restarts_alone_do_not_outgrow_the_bound(tmp_path: Path) -> None:
    path = tmp_path / "j"
    for _ in range(100):
        RotatingFile(path, 1000, b"h" * 90).close()
    assert path.stat().st_size <= 600
    assert previous(path).stat().st_size <= 600


def test_a_line_torn_by_a_kill_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path, held(1.0), held(2.0))
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert [event.at for event in replay_events(path)] == [1.0]
    write(path, held(3.0))
    assert [event.at for event in replay_events(path)] == [1.0, 3.0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"garbage", r"j:2: not a journal line"),
        (b"[1]", r"j:2: not a journal line"),
        (b'{"at":1.0,"event":{"type":"CallVanished"}}', "j:2: 'CallVanished' is no event"),
        (b'{"at":"x"}', r"j:2: Expected `float`"),
        (b'{"type":"Journal","format":9}', r"j:2: journal format 9, this version reads 1"),
    ],
)
def test_a_spoilt_line_is_placed(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "j"
    write(path, held(1.0), held(2.0))
    head, _, last = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join((head, line, last, b"")))
    with pytest.raises(ProtocolError, match=message):
        list(replay(path))


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none: no such journal"):
        list(replay_events(tmp_path / "none"))


def test_what_was_dropped_is_counted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = Journal(path, PLENTY, HEADER, max_queued=2)
    for at in range(5):
        journal.consumed(float(at), held(float(at)), ())
    assert journal.status().dropped == 3
    written = threading.Event()
    journal.start()
    while journal.status().written < 2:
        written.wait(0.001)
    journal.consumed(9.0, held(9.0), ())
    journal.close()
    assert [event.at for event in replay_events(path)] == [0.0, 1.0, 9.0]
    assert b'{"type":"Dropped","count":3}' in path.read_bytes()


def test_a_place_that_cannot_be_written_costs_the_journal_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = write(tmp_path / "file" / "j", held(1.0), held(2.0))
    status = journal.status()
    assert (status.written, status.dropped) == (0, 2)
    assert status.trouble in ("Not a directory", "File exists")


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j"
    file = RotatingFile(path, PLENTY, b"{}")
    whole, real = path.read_bytes(), os.write
    monkeypatch.setattr("callseat.journal.files.os.write", lambda fd, data: real(fd, data[:4]))
    with pytest.raises(OSError, match="No space left"):
        file.append(b'{"at":1.0}')
    monkeypatch.undo()
    assert path.read_bytes() == whole
    file.append(b'{"at":2.0}')
    file.close()
    assert path.read_bytes() == whole + b'{"at":2.0}\n'


def test_a_writer_that_died_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: crashed.set())
    journal = Journal(tmp_path / "j", PLENTY, HEADER)
    journal.start()
    journal.consumed(1.0, held(object()), ())  # type: ignore[arg-type]  # wrong on purpose
    assert crashed.wait(10.0)
    journal._thread.join(10.0)
    journal.close()
    assert journal.status().trouble == "the writer has ended"


def test_closing_an_unstarted_journal_does_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", PLENTY, HEADER)
    journal.close()
    assert not (tmp_path / "j").exists()
