"""Mute: complaints 3, 4, 13, 17 and 21 of docs/complaints.md."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.hid.descriptor import parse_descriptor
from devices.hid.display_page import CHARACTERS, SCREEN, read_page
from devices.simulated.headset import Faults
from state.commands import Answer, SetMute, SignOut
from tests.complaints import anchors
from tests.complaints.against import Anchor, Maker, holds_against
from tests.complaints.desk import RealDesk
from tests.complaints.kits import KITS, with_features
from tests.state.driver import OFF

KEYED = with_features("lamp_off_hook", "lamp_mute", "mute", but=("mute_level",))
LEVELS = with_features("mute_level")
ONE_PRESS_WRITES = 3
"""At most so many reports make a headset show a mute: one, and two where it refuses and is told again."""


def expect_mute(desk: RealDesk, why: str, *, muted: bool) -> None:
    """Seat, lamp and microphone say the same."""
    wanted = "muted" if muted else "live"
    assert desk.now.mute.value == wanted, f"{why}: the seat says {desk.now.mute.value}, not {wanted}"
    assert desk.headset.muted is muted, f"{why}: the microphone is not {wanted}"
    if "lamp_mute" in desk.station.engine.features:
        assert desk.headset.lamps.mute is muted, f"{why}: the lamp is not as {wanted}"


def expect_rest(desk: RealDesk, why: str) -> None:
    """A few writes, and then nothing more; what a display says about it is not counted."""
    page = read_page(parse_descriptor(desk.headset.descriptor))
    fields = () if page is None else (page.selector, page.fields[SCREEN], page.fields[CHARACTERS])
    of_text = {field.report_id for field in fields}
    before = len(desk.station.written)
    desk.runs(5.0)
    writes = [write for _, write in desk.station.written[before:] if write.data[0] not in of_text]
    most = ONE_PRESS_WRITES if page is None else 2 * ONE_PRESS_WRITES  # an LED, and an icon
    assert len(writes) <= most, f"{why}: {len(writes)} writes, mute toggles for ever"


@holds_against(KEYED, Anchor(anchors.JitsiMuteEcho, "app mutes", KEYED))
def test_c03_a_headset_that_echoes_mute_is_never_toggled(make: Maker) -> None:
    for faults in (Faults(), LATER):
        check_keys_and_apps(make(echo_mute=True, faults=faults))


def check_keys_and_apps(desk: RealDesk) -> None:
    """Muted in the app, un-muted at the key, muted there, un-muted there."""
    desk.talks_by_key()
    for _ in range(3):
        desk.asks(SetMute(True))
        expect_rest(desk, "app mutes")
        expect_mute(desk, "app mutes", muted=True)
        desk.press_mute()
        expect_rest(desk, "key un-mutes")
        expect_mute(desk, "key un-mutes", muted=False)
        desk.press_mute()
        expect_rest(desk, "key mutes")
        expect_mute(desk, "key mutes", muted=True)
        desk.press_mute()
        expect_rest(desk, "key un-mutes again")
        expect_mute(desk, "key un-mutes again", muted=False)


LATER = Faults(echo_after_s=0.1)
"""So late that the echo is not taken for the second report of one press (50 ms at most)."""


@pytest.mark.parametrize("name", KEYED)
def test_c03_an_app_that_un_mutes_a_headset_that_echoes_both_ways_starts_no_loop(name: str) -> None:
    desk = RealDesk(KITS[name], echo_mute=True, faults=LATER)
    desk.talks_by_key()
    for _ in range(3):
        desk.asks(SetMute(True))
        expect_rest(desk, "app mutes")
        expect_mute(desk, "app mutes", muted=True)
        desk.asks(SetMute(False))
        expect_rest(desk, "app un-mutes")
        assert desk.headset.muted is (desk.now.mute.value == "muted"), "seat and microphone differ"


@holds_against(KEYED, Anchor(anchors.GenesysBlindToggle, "key mutes", KEYED))
def test_c03_key_and_app_never_drift_apart(make: Maker) -> None:
    desk = make()
    desk.talks_by_key()
    for _ in range(3):
        desk.press_mute()
        expect_rest(desk, "key mutes")
        expect_mute(desk, "key mutes", muted=True)
        desk.asks(SetMute(False))
        expect_rest(desk, "app un-mutes")
        expect_mute(desk, "app un-mutes", muted=False)


@holds_against(KEYED, Anchor(anchors.JitsiMuteEcho, "toggles for ever|locked", KEYED))
def test_c03_a_headset_that_refuses_is_asked_once(make: Maker) -> None:
    desk = make()
    desk.talks_by_key()
    desk.boom(up=True)
    expect_rest(desk, "boom up")
    expect_mute(desk, "boom up", muted=True)
    desk.asks(SetMute(False))
    expect_rest(desk, "app un-mutes")
    expect_mute(desk, "app un-mutes a locked headset", muted=True)
    assert desk.now.mute.locked, "app un-mutes: not told as locked"


@holds_against(KEYED, Anchor(anchors.GenesysMuteKept, "the next call", KEYED))
def test_c04_mute_ends_with_the_call(make: Maker) -> None:
    desk = make()
    for mute in (desk.press_mute, lambda: desk.asks(SetMute(True))):
        call = desk.talks_by_key()
        mute()
        desk.runs(5.0)
        expect_mute(desk, "this call", muted=True)
        desk.clears(call)
        desk.runs(3.0)
        second = desk.talks_by_key()
        expect_mute(desk, "the next call", muted=False)
        desk.clears(second)
        desk.runs(5.0)


@holds_against(KEYED, Anchor(anchors.InCallOnly, "the mute key is dead", KEYED))
def test_c13_kept_off_hook_the_mute_key_works_outside_calls(make: Maker) -> None:
    usual = make()
    usual.press_mute()
    assert usual.now.mute.value == "live", "by default the key is dead outside calls, and nothing is shown"
    desk = make(settings=replace(OFF, keep_off_hook=True))
    desk.runs(5.0)
    desk.press_mute()
    assert desk.now.mute.value == "muted", "the mute key is dead outside calls"
    expect_mute(desk, "outside calls", muted=True)
    desk.runs(5.0)
    desk.press_mute()
    desk.runs(5.0)
    expect_mute(desk, "outside calls again", muted=False)
    call = desk.talks_by_key()
    desk.clears(call)
    desk.runs(5.0)
    assert desk.headset.off_hook, "it is let go between calls"
    desk.asks(SignOut())
    desk.runs(5.0)
    assert not desk.headset.off_hook, "it is kept when nobody is there"


@holds_against(KEYED, Anchor(anchors.GenesysNoLock, "the seat says live", KEYED))
def test_c17_a_boom_arm_that_is_up_is_locked_and_said_so(make: Maker) -> None:
    desk = make()
    desk.talks_by_key()
    desk.boom(up=True)
    desk.runs(5.0)
    expect_mute(desk, "boom up", muted=True)
    desk.asks(SetMute(False))
    desk.runs(5.0)
    expect_mute(desk, "boom still up", muted=True)
    said = desk.now.mute
    assert (said.source, said.locked, said.confidence) == ("headset", True, "reported")
    reply = desk.asks(SetMute(False))
    assert reply is not None
    assert reply.kind == "locked"
    desk.boom(up=False)
    desk.runs(5.0)
    expect_mute(desk, "boom down", muted=False)
    assert not desk.now.mute.locked


@holds_against(LEVELS, Anchor(anchors.GenesysGuessesLive, "guessed live", LEVELS))
def test_c17_a_mute_nobody_told_of_is_unknown(make: Maker) -> None:
    desk = make()
    desk.runs(5.0)
    assert desk.now.mute.value == "unknown", "guessed live"
    assert desk.now.mute.confidence == "none"
    call = desk.talks_by_key()
    assert desk.is_up(call)
    desk.press_mute()
    desk.runs(1.0)
    expect_mute(desk, "it has spoken", muted=True)
    assert (desk.now.mute.source, desk.now.mute.confidence) == ("headset", "reported")
    desk.pull()
    assert desk.now.mute.value != "live", "guessed live after it is gone"


SELF_MUTING = "0d8c-0014_cmedia_hs100b_kernel_fixup"
"""It states its mute, and has no lamp by which a host could set it."""


def test_c17_a_mute_that_only_the_headset_can_set_is_never_claimed() -> None:
    desk = RealDesk(KITS[SELF_MUTING])
    call = desk.talks_by_key()
    desk.asks(SetMute(True))
    desk.runs(1.0)
    assert desk.now.mute.source != "headset", "said muted at the headset, and it is live"
    desk.press_mute()
    desk.runs(1.0)
    desk.asks(SetMute(False))
    desk.runs(1.0)
    assert desk.headset.muted
    assert desk.now.mute.value == "muted", "said live, and nobody hears"
    desk.clears(call)
    desk.talks_by_key()
    assert desk.headset.muted
    assert desk.now.mute.value != "live", "said live in the next call, and nobody hears"


@holds_against(LEVELS, Anchor(anchors.KernelMuteKey, "the seat says", LEVELS))
def test_c21_an_absolute_mute_is_a_level(make: Maker) -> None:
    desk = make()
    desk.asks(Answer(desk.rings()))
    desk.runs(5.0)
    for muted in (True, False, True, False):
        desk.press_mute()
        desk.runs(1.0)
        expect_mute(desk, "its own key", muted=muted)


@holds_against(LEVELS, Anchor(anchors.KernelMuteKey, "the seat says unknown, not muted", LEVELS))
def test_c21_a_headset_that_comes_muted_is_muted(make: Maker) -> None:
    desk = make(mute_needs_off_hook=False)
    headset = desk.headset
    desk.pull()
    headset.press_mute(desk.at)  # pressed while it hangs at nothing
    desk.runs(1.0)
    desk.plug_again(headset)
    desk.hand(lambda headset, _at: headset.report_state())
    desk.runs(0.1)
    expect_mute(desk, "it came muted", muted=True)
    desk.runs(5.0)
    expect_mute(desk, "later", muted=headset.muted)
