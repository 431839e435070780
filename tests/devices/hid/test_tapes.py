"""Every shipped record whose descriptor is here has a tape, and replaying it gives exactly its script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.lamps import LampWriter
from devices.hid.lesson_script import check_script, script_from_plain, told
from devices.hid.replay import Lit, Said, Wrote, lamps_lit, replayed
from devices.models.record import DEFAULT
from firmware_bridge.tape import IN, Entry, load_tape
from state.commands import Lamps
from state.engine import Write
from state.ids import DeviceId
from tests.devices.hid.built import HOOK, INPUT, LED, OUTPUT, TELEPHONY, array, bits, collection, pad
from tests.devices.hid.descriptors import ALL, CALL_CONTROL, CMEDIA, CX300, ONE_BIT, load, tlc

TAPES = Path(__file__).resolve().parents[2] / "tapes"
by_name = pytest.mark.parametrize("name", CALL_CONTROL)


def plain_script(name: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((TAPES / f"{name}.script.json").read_text(encoding="utf-8"))
    return plain


def entries(name: str) -> tuple[Entry, ...]:
    return load_tape(TAPES / f"{name}.tape.jsonl")


def inputs(name: str) -> list[Said]:
    return [Said(entry.t, entry.data) for entry in entries(name) if entry.direction == IN]


def test_every_call_control_device_and_no_other_has_a_tape() -> None:
    assert {path.name.removesuffix(".tape.jsonl") for path in TAPES.glob("*.jsonl")} == set(CALL_CONTROL)
    recorded = {name for name in ALL if (model := load(name).model) and model.call_control is not False}
    assert recorded <= set(CALL_CONTROL)


@by_name
def test_the_tape_gives_its_script(name: str) -> None:
    device = load(name)
    script = script_from_plain(plain_script(name))
    record = device.model or DEFAULT
    assert check_script(script, inputs(name), parse_descriptor(device.descriptor), record) == ()
    steps = [mark.step for mark in script.marks if mark.expect]
    assert {"answer", "hang_up", "unacked"} <= set(steps)


@by_name
def test_a_report_more_or_less_is_noticed(name: str) -> None:
    device = load(name)
    script, said = script_from_plain(plain_script(name)), inputs(name)
    descriptor = parse_descriptor(device.descriptor)
    record = device.model or DEFAULT
    missed = [
        n for n in range(len(said)) if check_script(script, [*said[:n], *said[n + 1 :]], descriptor, record)
    ]
    assert len(missed) >= len(said) // 4
    assert check_script(script, said[len(said) // 2 :], descriptor, record) != ()
    assert check_script(script, [], descriptor, record) != ()


@by_name
def test_it_says_that_it_is_simulated(name: str) -> None:
    assert plain_script(name)["simulated"] is True
    assert {entry.device.split(":")[0] for entry in entries(name)} == {"simulated"}


@pytest.mark.parametrize("name", [name for name in CALL_CONTROL if name not in {CX300, CMEDIA}])
def test_lamps_are_read_back_from_what_was_written(name: str) -> None:
    """A tape without a script gives the same events: its output reports say what was lit."""
    device = load(name)
    descriptor = parse_descriptor(device.descriptor)
    moments = [
        Said(e.t, e.data) if e.direction == IN else Wrote(e.t, Write(e.data, e.via)) for e in entries(name)
    ]
    engine = HeadsetEngine(DeviceId("tape"), descriptor, device.model)
    happened = replayed(engine, lamps_lit(descriptor, device.model, moments))
    got = [each for h in happened for each in map(told, h.events) if each is not None]
    script = script_from_plain(plain_script(name))
    assert got == [each for mark in script.marks for each in mark.expect or ()]


def test_a_ringer_stands_for_the_ring_lamp_only_where_there_is_none() -> None:
    lamp = tlc(b"\x85\x02", ONE_BIT, bytes.fromhex("05 0b 09 9e 91 22"), pad(OUTPUT, 7))
    descriptor = parse_descriptor(lamp)
    lit = lamps_lit(descriptor, None, [Wrote(1.0, Write(b"\x02\x01")), Wrote(2.0, Write(b"\x02\x00"))])
    assert list(lit) == [Lit(1.0, Lamps(ring=True)), Lit(2.0, Lamps())]
    assert list(lamps_lit(descriptor, None, [Wrote(1.0, Write(b"\x03\x01"))])) == []


def test_lamps_of_a_pair_and_of_an_array_are_read_back_as_they_were_shown() -> None:
    """Out is not zero for a pair (-1), and lit is not one in an array that names the lamp."""
    hook = bits(INPUT, TELEPHONY, (HOOK,)) + pad(INPUT, 7)
    pair = bytes.fromhex("05 08 09 09 09 17 15 ff 25 01 75 02 95 02 91 26 75 04 95 01 91 03")
    named = array(OUTPUT, LED, 0x01, 0x17, size=8, low=1, high=0x17)
    for lamp in (pair, named):
        parsed = parse_descriptor(collection(TELEPHONY, 5, hook, lamp))
        writer = LampWriter(parsed, read_controls(parsed).lamps)
        for lamps in (Lamps(mute=True), Lamps(off_hook=True), Lamps()):
            wrote = [Wrote(1.0, write) for write in writer.whole(lamps)]
            assert list(lamps_lit(parsed, None, wrote)) == ([Lit(1.0, lamps)] if lamps != Lamps() else [])
