"""A lesson over a transport: what is left on disk holds together, and a headset that goes ends it cleanly."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from callseat.cli.learn import learn
from callseat.device_file import read_device
from callseat.learning import (
    DESCRIPTOR,
    RECORD,
    SCRIPT,
    TAPE,
    check_learned,
    read_descriptor,
    read_entries,
    read_script,
)
from devices.hid.lesson import PromptKind
from devices.models.record import ModelRecord, deviations
from firmware_bridge.tape import load_tape
from state.commands import Lamps
from state.errors import ConfigError, ProtocolError, TransportError, TransportReason
from tests.callseat.learn_kit import Room, in_virtual_time, node_of
from tests.devices.hid.descriptors import DATA, SC660
from tests.virtual import passes

ODD = ModelRecord("odd", 0x0B0E, 0x0307, unacked_drop_s=0.8, array_base=2)


def learned(room: Room, folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = in_virtual_time(
        learn(room.system, None, folder, room.tell, room.lease, room.answers)
    )
    return told


def test_four_files_that_hold_together(tmp_path: Path) -> None:
    room = Room(truth=ODD)
    told = learned(room, tmp_path / "out")
    folder = tmp_path / "out"
    assert {path.name for path in folder.iterdir()} == {RECORD, DESCRIPTOR, TAPE, SCRIPT}
    record, wrong = check_learned(folder)
    assert wrong == ()
    assert told["mismatches"] == []
    assert {name: getattr(record, name) for name in deviations(record)} == {
        "unacked_drop_s": 0.8,
        "array_base": 2,
    }
    assert all("on A1: tape tape.jsonl" in line for line in record.evidence.values())
    assert record.name == "Jabra EVOLVE LINK MS"
    assert room.headset.lamps == Lamps()
    assert room.leased == [f"held {room.node.identity}", "let go"]
    assert room.prompts[-1].kind is PromptKind.DONE


def test_the_fixture_has_the_shape_of_the_collected_ones(tmp_path: Path) -> None:
    room = Room(node_of(SC660))
    learned(room, tmp_path)
    fixture = json.loads((tmp_path / DESCRIPTOR).read_text(encoding="utf-8"))
    collected = json.loads((DATA / f"{SC660}.json").read_text(encoding="utf-8"))
    assert collected.keys() <= fixture.keys()
    for name in ("name", "vendor_id", "product_id", "report_descriptor_hex"):
        assert fixture[name] == collected[name]
    assert fixture["length"] == len(room.node.descriptor)
    assert read_device(tmp_path / DESCRIPTOR).ids == (0x1395, 0x0082)


def test_the_tape_has_every_report_both_ways(tmp_path: Path) -> None:
    room = Room()
    learned(room, tmp_path)
    entries = load_tape(tmp_path / TAPE)
    assert {entry.direction for entry in entries} == {"in", "out"}
    assert {entry.device for entry in entries} == {room.node.identity}
    assert [entry.t for entry in entries] == sorted(entry.t for entry in entries)


def test_a_damaged_folder_is_named(tmp_path: Path) -> None:
    learned(Room(), tmp_path)
    tape = tmp_path / TAPE
    lines = tape.read_text().splitlines()
    answered = next(n for n, line in enumerate(lines) if '"dir": "in"' in line)
    tape.write_text("\n".join([*lines[:answered], *lines[answered + 1 :]]))
    assert check_learned(tmp_path)[1] != ()
    tape.write_text(lines[0][:-5])
    with pytest.raises(ProtocolError, match=r"tape\.jsonl line 1"):
        check_learned(tmp_path)
    tape.unlink()
    with pytest.raises(ConfigError, match=r"tape\.jsonl: cannot be read"):
        check_learned(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        (SCRIPT, "{", "not JSON"),
        (SCRIPT, "{}", "not a press script"),
        (DESCRIPTOR, "[]", "holds no JSON object"),
        (DESCRIPTOR, '{"report_descriptor_hex": "zz"}', "not pairs of hex digits"),
        (DESCRIPTOR, '{"report_descriptor_hex": "05"}', "report_descriptor_hex"),
        (RECORD, "nonsense = 1", "nonsense"),
        (RECORD, "", "name"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_place(tmp_path: Path, name: str, text: str, why: str) -> None:
    learned(Room(), tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=why):
        check_learned(tmp_path)


def test_a_second_record_beside_it_is_refused(tmp_path: Path) -> None:
    learned(Room(), tmp_path)
    other = (tmp_path / RECORD).read_text().replace("0x0307", "0x0308")
    (tmp_path / "other.toml").write_text(other)
    with pytest.raises(ConfigError, match="2 records, expected one"):
        check_learned(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot be written"):
        learned(Room(), tmp_path / "file" / "out")


@pytest.mark.parametrize("step", ["rest", "answer", "mute_on"])
def test_a_headset_pulled_out_ends_the_lesson_with_its_reason(tmp_path: Path, step: str) -> None:
    room = Room(pull_at=step)
    with pytest.raises(TransportError) as raised:
        learned(room, tmp_path / "out")
    assert raised.value.reason is TransportReason.GONE
    assert not (tmp_path / "out").exists()


def test_a_lesson_that_is_broken_off_leaves_no_lamp_lit(tmp_path: Path) -> None:
    room = Room()

    async def main() -> None:
        going = asyncio.create_task(
            learn(room.system, None, tmp_path / "out", room.tell, room.lease, room.answers)
        )
        await passes(2.3)
        assert room.headset.lamps.ring
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)

    in_virtual_time(main())
    assert room.headset.lamps == Lamps()
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_descriptor(tmp_path / "none.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_entries(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_script(tmp_path / "none.json")
