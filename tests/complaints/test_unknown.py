"""A model nobody has recorded, and one whose quirk a site repairs: complaint 8 of docs/complaints.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from callseat.site_records import read_site_records
from devices.models import REGISTRY
from state.commands import SendDigits
from state.words import Button, CallState
from tests.complaints import anchors
from tests.complaints.against import Anchor, Maker, holds_against
from tests.complaints.desk import RealDesk
from tests.complaints.kits import KITS, with_features

NUMBER = "13800138000*#"
NOBODYS = 0x7777, 0x0001
"""USB ids that no maker has and no record names."""
KEYED = with_features("lamp_off_hook", "mute")
OTHER_LAYOUTS = ("1395-0082_sennheiser_sc660", "047f-02e6_poly_bt700", "c5220", "sp325")
CX300 = "095d-9201_polycom_cx300"
"""Its backspace key is declared as Programmable Button, and refuses a call."""
SITE_RECORD = f"""
name = "Desk phone, as this site found it"
vendor_id = {NOBODYS[0]:#06x}
product_id = {NOBODYS[1]:#06x}
reject_button = "delete"

[usages]
"000B:0007" = "delete"

[evidence]
reject_button = "pressed every key while it rang: backspace refuses"
usages = "pressed every key: 0B:07 is the backspace key"
"""


def keyed(desk: RealDesk) -> str:
    """What the line was asked to send."""
    return "".join(command.digits for command in desk.commands() if isinstance(command, SendDigits))


def dials(desk: RealDesk) -> None:
    for digit in NUMBER:
        desk.hand(lambda headset, at, digit=digit: headset.press_digit(digit, at))
        desk.runs(0.3)


@holds_against(KEYED, Anchor(anchors.GenesysFixedMasks, "unknown model", OTHER_LAYOUTS))
def test_c08_a_model_nobody_has_recorded_works_from_its_descriptor(make: Maker) -> None:
    desk = make(strange=True)
    call = desk.rings()
    desk.runs(2.0)
    desk.press_hook()
    desk.runs(4.0)
    assert desk.state(call) is CallState.CONNECTED, "unknown model: its key answers nothing"
    assert desk.headset.lamps.off_hook, "unknown model: its lamp is dark"
    for muted in (True, False):
        desk.press_mute()
        desk.runs(1.0)
        wanted = "muted" if muted else "live"
        assert desk.now.mute.value == wanted, "unknown model: its mute key does nothing"
    if str(Button.FLASH) in desk.station.engine.features:
        desk.hand(lambda headset, at: headset.press(Button.FLASH, at))
        desk.runs(4.0)
        assert desk.state(call) is CallState.HELD, "unknown model: its flash key does nothing"
        desk.hand(lambda headset, at: headset.press(Button.FLASH, at))
        desk.runs(4.0)
    desk.press_hook()
    desk.runs(1.0)
    assert desk.state(call) is None, "unknown model: its key ends nothing"
    assert desk.station.refused == 0, "unknown model: it was written what it does not have"


PADS = with_features("keypad", "lamp_off_hook")


@holds_against(PADS, Anchor(anchors.GenesysFixedMasks, "unknown model", PADS))
def test_c08_the_dial_pad_of_a_model_nobody_has_recorded(make: Maker) -> None:
    desk = make(strange=True)
    call = desk.rings()
    desk.runs(1.0)
    desk.tell_established(call)
    desk.runs(4.0)
    dials(desk)
    assert keyed(desk) == NUMBER, "unknown model: its dial pad says something else"


def refused_by_key(desk: RealDesk) -> bool:
    """Whether the key that refuses on this phone refuses a ringing call."""
    call = desk.rings()
    desk.runs(2.0)
    desk.hand(lambda headset, at: headset.press(Button.REJECT, at))
    desk.runs(1.0)
    return desk.state(call) is None


def test_c08_a_site_record_mends_a_quirk_without_code(tmp_path: Path) -> None:
    assert not refused_by_key(RealDesk(KITS[CX300], strange=True))
    (tmp_path / "desk-phone.toml").write_text(SITE_RECORD, encoding="utf-8")
    site = read_site_records(tmp_path)
    assert site.problems == ()
    assert REGISTRY.find(*NOBODYS) is None
    record = REGISTRY.overlaid(site.records).find(*NOBODYS)
    assert record is not None
    assert refused_by_key(RealDesk(KITS[CX300], record=record))


@pytest.mark.parametrize("name", KITS)
def test_c08_every_kit_is_a_call_control_headset_without_its_record(name: str) -> None:
    assert RealDesk(KITS[name], strange=True).station.engine.verdict.usable
