"""Keys that mean two things, and gestures nobody knows: complaints 6 and 11 of docs/complaints.md."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callseat.diagnosis.portrait import portrait
from devices.hid.controls import Shape, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.simulated.headset import Faults
from state.commands import Reject
from state.errors import ProtocolError
from state.words import Button, CallState
from tests.complaints import anchors
from tests.complaints.against import Anchor, Maker, holds_against
from tests.complaints.desk import RealDesk
from tests.complaints.kits import KITS, features, with_features
from tests.state.driver import OFF

KEYED = with_features("lamp_off_hook", "lamp_mute", "mute", but=("mute_level",))
MUTE_BEFORE_HOOK = tuple(name for name in ("1395-0082_sennheiser_sc660", "c5220") if name in KEYED)
REJECTING = with_features("reject")
WITHOUT = tuple(name for name in KITS if name not in REJECTING)
END_KEYS = (0.0, 0.1)
"""Phone Mute comes in the report that ends the call, or a tenth of a second after it."""


def _flash_is_held(name: str) -> bool:
    """Whether its flash key says how long it is down."""
    kit = KITS[name]
    flash = read_controls(parse_descriptor(kit.descriptor), kit.model).find(Button.FLASH)
    return flash is not None and flash.shape is Shape.LEVEL


HELD_FLASH = tuple(name for name in WITHOUT if _flash_is_held(name))
SPARE_KEYS = {
    name: key
    for name in WITHOUT
    for key in (Button.VOLUME_DOWN, Button.FLASH, Button.PROGRAMMABLE)
    if str(key) in features(name) or (key is Button.VOLUME_DOWN and "volume" in features(name))
}
"""A key that a site may make the reject key of a headset that has none."""


def rejects(desk: RealDesk) -> int:
    return len([command for command in desk.commands() if isinstance(command, Reject)])


@holds_against(
    KEYED,
    Anchor(anchors.GenesysEndMutes, "the end key muted", KEYED),
    Anchor(anchors.GenesysFirstBit, "the end was lost", MUTE_BEFORE_HOOK),
)
def test_c06_an_end_key_that_mutes_as_well_only_ends(make: Maker) -> None:
    for after_s in END_KEYS:
        desk = make(faults=Faults(end_key_mutes_s=after_s))
        call = desk.talks_by_key()
        desk.press_hook()
        desk.runs(2.0)
        assert desk.state(call) is None, "the end was lost"
        assert desk.told("device.mute") == [], "the end key muted the agent too"
        second = desk.talks_by_key()
        assert desk.now.mute.value == "live", "the end key muted the next call"
        assert not desk.headset.muted
        assert not desk.headset.lamps.mute
        assert desk.is_up(second)


@holds_against(REJECTING, Anchor(anchors.JitsiHookAndMute, "the call was not refused", REJECTING))
def test_c11_a_headset_that_says_it_can_reject_does(make: Maker) -> None:
    desk = make()
    call = desk.rings()
    desk.runs(2.0)
    desk.hand(lambda headset, at: headset.press(Button.REJECT, at))
    desk.runs(1.0)
    assert desk.state(call) is None, "the call was not refused"
    assert rejects(desk) == 1
    assert not desk.headset.lamps.ring
    assert "none" not in portrait(KITS[make.kit].descriptor, KITS[make.kit].model)["abilities"]["reject"]


@holds_against(HELD_FLASH, Anchor(anchors.JitsiHookAndMute, "the call was not refused", HELD_FLASH))
def test_c11_without_a_reject_key_a_long_flash_refuses(make: Maker) -> None:
    desk = make()
    call = desk.rings()
    desk.runs(2.0)
    desk.hand(lambda headset, at: headset.press(Button.FLASH, at, long=True))
    desk.runs(4.0)
    assert desk.state(call) is None, "the call was not refused"
    talking = desk.talks_by_key()
    waiting = desk.rings("10010", state=CallState.WAITING)
    desk.hand(lambda headset, at: headset.press(Button.FLASH, at, long=True))
    desk.runs(4.0)
    assert desk.state(waiting) is None, "the waiting call was not refused"
    assert desk.state(talking) is CallState.CONNECTED
    assert rejects(desk) == 2


SPARED = tuple(SPARE_KEYS)


@holds_against(SPARED, Anchor(anchors.JitsiHookAndMute, "the call was not refused", SPARED))
def test_c11_a_site_makes_a_spare_key_the_reject_key(make: Maker) -> None:
    key = SPARE_KEYS[make.kit]
    desk = make(settings=replace(OFF, keys=((str(key), "reject"),)))
    call = desk.rings()
    desk.runs(2.0)
    desk.hand(lambda headset, at: headset.press(key, at))
    desk.runs(1.0)
    assert desk.state(call) is None, "the call was not refused"
    assert rejects(desk) == 1


@pytest.mark.parametrize("name", WITHOUT)
def test_c11_a_headset_that_says_it_cannot_reject_has_no_such_key(name: str) -> None:
    desk = RealDesk(KITS[name])
    desk.rings()
    with pytest.raises(ProtocolError, match="no reject"):
        desk.headset.press(Button.REJECT, desk.at)
    assert "reject" not in desk.now.devices[0].features
    words = portrait(KITS[name].descriptor, KITS[name].model)["abilities"]["reject"]
    assert words != "a key of its own"


@pytest.mark.parametrize("name", SPARED)
def test_c11_what_stands_in_for_a_reject_key_is_announced(name: str) -> None:
    words = portrait(KITS[name].descriptor, KITS[name].model)["abilities"]["reject"]
    assert ("flash" in words) is (name in HELD_FLASH)
    assert "[keys]" in words
