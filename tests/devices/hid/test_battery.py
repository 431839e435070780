"""The battery, where a device has one on a standard page."""

from __future__ import annotations

import pytest

from devices.hid.battery import BatteryReader
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from state.commands import SetPassive
from state.events import BatteryReported, HookChanged
from state.ids import DeviceId
from tests.devices.hid.descriptors import ALL, load

ME = DeviceId("h1")


def headset(charge: str, maximum: str = "2564") -> bytes:
    """A hook and an off-hook lamp in report 1, and eight bits of `charge` in report 3."""
    return bytes.fromhex(
        "050b0905a101850115002501750195010920812295078103"
        "050885010917950191229507 9103"
        f"8503{charge}1500{maximum}750895018102c0".replace(" ", "")
    )


CHARGES = {"relative": "05850964", "absolute": "05850965", "strength": "05060920"}


@pytest.mark.parametrize("charge", CHARGES.values(), ids=CHARGES)
def test_charge_is_told_when_it_changes(charge: str) -> None:
    engine = HeadsetEngine(ME, headset(charge))
    assert "battery" in engine.features
    assert engine.feed(bytes((3, 80)), 1.0).events == (BatteryReported(1.0, ME, ME, 80),)
    assert engine.feed(bytes((3, 80)), 2.0).events == ()
    assert engine.feed(bytes((3, 79)), 3.0).events == (BatteryReported(3.0, ME, ME, 79),)


def test_a_battery_of_five_bars_is_in_percent_too() -> None:
    engine = HeadsetEngine(ME, headset(CHARGES["strength"], "2505"))
    assert engine.feed(bytes((3, 2)), 1.0).events == (BatteryReported(1.0, ME, ME, 40),)


def test_what_is_outside_the_range_is_not_known() -> None:
    assert HeadsetEngine(ME, headset(CHARGES["relative"])).feed(bytes((3, 255)), 1.0).events == ()


def test_the_hook_is_heard_beside_it() -> None:
    engine = HeadsetEngine(ME, headset(CHARGES["relative"]))
    engine.feed(bytes((3, 50)), 0.0)
    engine.feed(bytes((1, 0)), 1.0)
    assert engine.feed(bytes((1, 1)), 9.0).events == (HookChanged(9.0, ME, ME, True),)


@pytest.mark.parametrize("data", [b"", b"\x03", b"\x01\x00", bytes(64)])
def test_other_and_short_reports_say_nothing(data: bytes) -> None:
    assert BatteryReader(parse_descriptor(headset(CHARGES["relative"]))).read(data) is None


@pytest.mark.parametrize("name", ALL)
def test_no_recorded_descriptor_has_one(name: str) -> None:
    assert not BatteryReader(parse_descriptor(load(name).descriptor)).present


def test_a_charge_that_somebody_else_heard_is_told_afterwards() -> None:
    engine = HeadsetEngine(ME, headset(CHARGES["relative"]))
    engine.request(SetPassive(True), 1.0)
    assert engine.feed(bytes((3, 50)), 2.0).events == ()
    engine.request(SetPassive(False), 3.0)
    assert engine.feed(bytes((3, 50)), 4.0).events == (BatteryReported(4.0, ME, ME, 50),)
