"""Tapes: read strictly, written within bounds, redacted, and never in the way of the loop."""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path

import pytest

from firmware_bridge.tape import Entry, TapeFolder, TapeWriter, load_tape, read_tape
from state.errors import Blame, ProtocolError, ProtocolReason

READ = Entry(1.25, "0b0e:0307:A1:1-1.2", "in", b"\x02\x01\x00")
WROTE = Entry(1.5, "0b0e:0307:A1:1-1.2", "out", b"\x02\x05\x00", "output")
FEATURE = Entry(2.0, "0b0e:0307:A1:1-1.2", "out", b"\x17\x09", "feature")
ALL = (READ, WROTE, FEATURE)


class Plain:
    """Lets everything through but reports of id 9."""

    def read(self, report: bytes) -> bytes | None:
        return None if report[0] == 9 else report

    def written(self, report: bytes, via: str) -> bytes | None:
        return None if report[0] == 9 else report + via[:1].encode()


# reading ---------------------------------------------------------------------------------------


def test_a_line_is_as_the_format_says() -> None:
    assert json.loads(READ.line()) == {"t": 1.25, "device": READ.device, "dir": "in", "hex": "020100"}
    assert json.loads(WROTE.line()) == {"t": 1.5, "device": READ.device, "dir": "out", "hex": "020500"}
    assert json.loads(FEATURE.line())["via"] == "feature"


def test_what_was_written_is_read_again() -> None:
    assert read_tape([entry.line() for entry in ALL]) == ALL
    assert read_tape([READ.line(), "", "  ", WROTE.line()]) == (READ, WROTE)
    assert read_tape([]) == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("not json", "not JSON"),
        ("[" * 20_000, "not JSON"),
        ("[]", "expected an object"),
        ("{}", "t must be seconds"),
        ('{"t": true, "device": "d", "dir": "in", "hex": "00"}', "t must be seconds"),
        ('{"t": "1", "device": "d", "dir": "in", "hex": "00"}', "t must be seconds"),
        ('{"t": NaN, "device": "d", "dir": "in", "hex": "00"}', "t must be seconds"),
        ('{"t": 1' + "0" * 400 + ', "device": "d", "dir": "in", "hex": "00"}', "t must be seconds"),
        ('{"t": 1e999, "device": "d", "dir": "in", "hex": "00"}', "t must be seconds"),
        ('{"t": 0, "device": "", "dir": "in", "hex": "00"}', "device must be a name"),
        ('{"t": 0, "device": 7, "dir": "in", "hex": "00"}', "device must be a name"),
        ('{"t": 0, "device": "d", "dir": "up", "hex": "00"}', "dir must be in or out"),
        ('{"t": 0, "device": "d", "dir": "in", "hex": "zz"}', "hex must be"),
        ('{"t": 0, "device": "d", "dir": "in", "hex": "0"}', "hex must be"),
        ('{"t": 0, "device": "d", "dir": "in", "hex": ""}', "hex must be"),
        ('{"t": 0, "device": "d", "dir": "in", "hex": "00 01"}', "hex must be"),
        ('{"t": 0, "device": "d", "dir": "in", "hex": "00", "via": "feature"}', "via must be"),
        ('{"t": 0, "device": "d", "dir": "out", "hex": "00", "via": "input"}', "via must be"),
        ('{"t": 0, "device": "d", "dir": "in", "hex": "00", "digit": "5"}', "unknown member 'digit'"),
        ('{"t": 0, "device": "d", "dir": "in", "hex": "' + "00" * 40_000 + '"}', "longer than"),
    ],
)
def test_a_line_that_is_none_is_named_with_the_reason(line: str, why: str) -> None:
    with pytest.raises(ProtocolError, match=rf"mine line 3: .*{why}") as raised:
        read_tape([READ.line(), "", line, WROTE.line()], "mine")
    assert (raised.value.by, raised.value.reason) == (Blame.APP, ProtocolReason.MALFORMED)


def test_a_torn_last_line_is_named() -> None:
    whole = FEATURE.line()
    for cut in range(1, len(whole)):
        with pytest.raises(ProtocolError, match="line 2"):
            read_tape([READ.line(), whole[:cut]])


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(READ.line().encode() + b"\n\xff\n")
    with pytest.raises(ProtocolError, match="not UTF-8 at byte"):
        load_tape(path)
    with pytest.raises(FileNotFoundError):
        load_tape(tmp_path / "none")


# one file --------------------------------------------------------------------------------------


def test_a_file_is_bounded_and_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "t.jsonl"
    size = len(READ.line()) + 1
    writer = TapeWriter(path, max_bytes=3 * size)
    entries = [Entry(float(n), "d" * len(READ.device), "in", b"\x02\x01\x00") for n in range(10, 18)]
    for entry in entries:
        writer.write(entry)
    writer.close()
    assert load_tape(path) == tuple(entries[6:])
    assert load_tape(path.with_name("t.jsonl.1")) == tuple(entries[3:6])
    assert sorted(p.name for p in path.parent.iterdir()) == ["t.jsonl", "t.jsonl.1"]
    assert all(p.stat().st_size <= 3 * size for p in path.parent.iterdir())


def test_every_opening_begins_a_new_file_because_time_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    for entry in (READ, WROTE):
        writer = TapeWriter(path)
        writer.write(entry)
        writer.close()
        writer.close()
    assert load_tape(path) == (WROTE,)
    assert load_tape(tmp_path / "t.jsonl.1") == (READ,)


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    TapeWriter(tmp_path / "t.jsonl").close()
    assert (tmp_path / "t.jsonl").stat().st_mode & 0o007 == 0


def test_a_line_larger_than_the_bound_is_written_alone(tmp_path: Path) -> None:
    writer = TapeWriter(tmp_path / "t.jsonl", max_bytes=10)
    writer.write(READ)
    writer.write(WROTE)
    writer.close()
    assert load_tape(tmp_path / "t.jsonl") == (WROTE,)


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = TapeWriter(tmp_path / "t.jsonl")
    writer.write(READ)
    real = os.write
    monkeypatch.setattr("firmware_bridge.tape.os.write", lambda fd, data: real(fd, data[:7]))
    with pytest.raises(OSError, match="No space left"):
        writer.write(WROTE)
    monkeypatch.undo()
    writer.write(FEATURE)
    writer.close()
    assert load_tape(tmp_path / "t.jsonl") == (READ, FEATURE)


# the daemon's folder ---------------------------------------------------------------------------


def test_each_admitted_device_has_its_own_redacted_file(tmp_path: Path) -> None:
    tapes = TapeFolder(tmp_path)
    tapes.admit("0b0e:0307:A1:1-1.2", Plain())
    tapes.admit("desk", Plain())
    tapes("0b0e:0307:A1:1-1.2", "in", b"\x02\x01", "input", 1.0)
    tapes("0b0e:0307:A1:1-1.2", "in", b"\x09\x05", "input", 1.1)
    tapes("0b0e:0307:A1:1-1.2", "out", b"\x02\x05", "output", 1.2)
    tapes("desk", "out", b"\x17\x01", "feature", 1.3)
    tapes("desk", "out", b"\x09\x01", "output", 1.4)
    tapes("a stranger", "in", b"\x02\x01", "input", 1.5)
    tapes.close()
    assert load_tape(tmp_path / "0b0e-0307-A1-1-1.2.jsonl") == (
        Entry(1.0, "0b0e:0307:A1:1-1.2", "in", b"\x02\x01"),
        Entry(1.2, "0b0e:0307:A1:1-1.2", "out", b"\x02\x05o", "output"),
    )
    assert load_tape(tmp_path / "desk.jsonl") == (Entry(1.3, "desk", "out", b"\x17\x01f", "feature"),)
    assert len(list(tmp_path.iterdir())) == 2
    assert tapes.dropped == 0


@pytest.mark.parametrize("device", ["../../etc/passwd", "..", "a/b", "耳机", "", "x" * 3])
def test_no_device_names_a_file_outside_of_the_folder(tmp_path: Path, device: str) -> None:
    tapes = TapeFolder(tmp_path / "tapes")
    assert tapes.path(device).parent == tmp_path / "tapes"
    assert tapes.path(device).name not in {".jsonl", ".", ".."}
    tapes.close()


def test_a_folder_that_cannot_be_written_costs_tapes_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        tapes = TapeFolder(tmp_path / "file")
        tapes.admit("d", Plain())
        for n in range(5):
            tapes("d", "in", b"\x02", "input", float(n))
        tapes.close()
    assert tapes.dropped == 5
    assert len(caplog.records) == 1


def test_a_slow_disk_costs_lines_and_never_holds_the_loop(tmp_path: Path) -> None:
    inside, go_on = threading.Event(), threading.Event()

    class Slow(Plain):
        def read(self, report: bytes) -> bytes | None:
            inside.set()
            go_on.wait(20)
            return report

    tapes = TapeFolder(tmp_path, max_queued=2)
    tapes.admit("d", Slow())
    tapes("d", "in", b"\x01", "input", 0.0)
    assert inside.wait(20)
    for n in range(1, 6):
        tapes("d", "in", bytes((n,)), "input", float(n))
    assert tapes.dropped == 3
    go_on.set()
    tapes.close()
    assert [entry.t for entry in load_tape(tmp_path / "d.jsonl")] == [0.0, 1.0, 2.0]
    tapes.close()


def test_a_device_that_came_back_goes_on_in_the_same_file(tmp_path: Path) -> None:
    tapes = TapeFolder(tmp_path)
    for at in (1.0, 2.0):
        tapes.admit("d", Plain())
        tapes("d", "in", b"\x01", "input", at)
    tapes.close()
    assert [entry.t for entry in load_tape(tmp_path / "d.jsonl")] == [1.0, 2.0]
