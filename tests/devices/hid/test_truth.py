"""Every collected device, and whether it can control a call, by the general rule: no model record is asked.

Real descriptors where they are here, descriptors built from published notes where they are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.score import UNUSABLE_MAX, capability
from devices.models import find_model
from tests.devices.hid import built
from tests.devices.hid.descriptors import (
    ANKER,
    BIZ,
    BLACKWIRE,
    BRIO,
    BT700,
    CMEDIA,
    CX300,
    D1,
    G535,
    JABRA,
    KRAKEN,
    SC660,
    SPEAK,
    load,
)

TRUTH: list[tuple[str, bytes, bool, str]] = [
    ("Jabra Evolve Link", load(JABRA).descriptor, True, "hook, all lamps in one report"),
    ("Jabra BIZ 2400 II", load(BIZ).descriptor, True, "hook, all lamps in one report"),
    ("Jabra Link 380c", built.LINK_380C, True, "hook and mute are Const and live all the same"),
    ("Jabra Speak 810", load(SPEAK).descriptor, True, "a speakerphone answers calls too"),
    ("Poly BT700", load(BT700).descriptor, True, "hook, one lamp per report"),
    ("Poly Voyager Base CD", built.VOYAGER_BASE, True, "hook, one lamp per report, telephony second"),
    ("Plantronics Blackwire C5220", built.C5220, True, "hook, report id is the lamp's usage but for one"),
    ("Plantronics Blackwire 3220", load(BLACKWIRE).descriptor, True, "hook, report id is the lamp's usage"),
    ("Sennheiser SC 660", load(SC660).descriptor, True, "hook in one report, lamps in another"),
    ("EPOS IMPACT D1", load(D1).descriptor, True, "all of it in a nested application collection"),
    ("EPOS IMPACT DW", built.IMPACT_DW, True, "nested too, volume keys among the call keys"),
    ("EPOS IMPACT D", built.IMPACT_D, True, "nested too, the ringer before the lamps"),
    ("Yealink WH66", built.WH66, True, "Jabra's layout, a Teams page beside it"),
    ("C-Media HS-100B", load(CMEDIA).descriptor, True, "no lamp, but hook, mute and volume: ear and mouth"),
    ("Dell SP325", built.SP325, True, "the telephony collection is the last of five"),
    ("Anker PowerConf", load(ANKER).descriptor, True, "hook and mute are Const and live all the same"),
    ("Polycom CX300", load(CX300).descriptor, True, "a desk phone: hook and off-hook lamp"),
    ("BOYA mini 2", built.BOYA, True, "its descriptor is a phone's: only its record knows better"),
    ("Yealink adapter", built.YEALINK_ADAPTER, False, "no hook: a fig leaf over vendor packets"),
    ("Logitech G535", load(G535).descriptor, False, "no telephony page"),
    ("Logitech H540", built.H540, False, "no telephony page"),
    ("Logitech MX Brio", load(BRIO).descriptor, False, "a webcam: hook and mute, no volume, no lamp"),
    ("Razer Seiren", built.RAZER_MIC, False, "a Const hook, and nothing else of a phone"),
    ("Razer Kraken Kitty V2", load(KRAKEN).descriptor, False, "an empty telephony collection"),
    ("SideWinder Game Voice", built.SIDEWINDER, False, "eight buttons and their lamps, no hook"),
]  # fmt: skip
truth = pytest.mark.parametrize(("name", "descriptor", "usable", "reason"), TRUTH, ids=lambda v: str(v)[:30])


def test_all_25_collected_devices_are_judged() -> None:
    assert len(TRUTH) == 25
    assert len({name for name, *_ in TRUTH}) == 25


@truth
def test_call_control_by_the_general_rule(name: str, descriptor: bytes, usable: bool, reason: str) -> None:
    controls = read_controls(parse_descriptor(descriptor))
    assert controls.verdict.usable is usable, f"{name}: {reason}; said: {controls.verdict.reason}"
    judged = capability(controls)
    assert judged.call_control is usable
    assert (judged.score > UNUSABLE_MAX) is usable


def test_a_record_knows_that_the_boya_is_no_phone() -> None:
    record = find_model(0x2F05, 0x003B)
    verdict = read_controls(parse_descriptor(built.BOYA), record).verdict
    assert not verdict.usable
    assert "microphone" in verdict.reason


def test_every_file_of_the_larger_data_is_judged_by_name(shared_data: Callable[..., Path]) -> None:
    judged = {descriptor: usable for _, descriptor, usable, _ in TRUTH}
    for file in sorted(shared_data("hid").glob("*.json")):
        raw = bytes.fromhex(json.loads(file.read_text(encoding="utf-8"))["report_descriptor_hex"])
        if file.stem.startswith("yealink_usb_phone_adapter"):
            assert not read_controls(parse_descriptor(raw)).verdict.usable
        else:
            assert raw in judged, file.name


# what nobody has collected -------------------------------------------------------------------------

HOOK_LAMP = built.bits(built.OUTPUT, built.LED, (built.OFF_HOOK,)) + built.pad(built.OUTPUT, 7)
HOOK_KEY = built.bits(built.INPUT, built.TELEPHONY, (built.HOOK,)) + built.pad(built.INPUT, 7)
MUTE_KEY = built.bits(built.INPUT, built.TELEPHONY, (built.MUTE,), built.REL) + built.pad(built.INPUT, 7)
RULES: list[tuple[str, bytes, bool]] = [
    ("hook and off-hook lamp", built.collection(0x0B, 5, HOOK_KEY, HOOK_LAMP), True),
    ("hook and ringer", built.collection(
        0x0B, 5, HOOK_KEY, built.bits(built.OUTPUT, 0x0B, (built.RINGER,))), True),
    ("hook and ring lamp by feature", built.collection(
        0x0B, 4, HOOK_KEY, built.bits(built.FEATURE, 0x08, (built.RING,))), True),
    ("hook only", built.collection(0x0B, 5, HOOK_KEY), False),
    ("hook and mute", built.collection(0x0B, 5, HOOK_KEY, MUTE_KEY), False),
    ("hook and volume", built.collection(0x0B, 5, HOOK_KEY) + built.consumer(0x30), False),
    ("mute and lamps", built.collection(0x0B, 5, MUTE_KEY, HOOK_LAMP), False),
    ("hook, mute, volume", built.collection(
        0x0B, 5, HOOK_KEY, MUTE_KEY, built.bits(built.INPUT, 0x0C, (0xE9, 0xEA))), True),
    ("hook in an array", built.collection(
        0x0B, 5, built.array(built.INPUT, 0x0B, 0x20, 0x2F, size=8, low=0, high=15), HOOK_LAMP), True),
    ("a lamp that is an input", built.collection(
        0x0B, 5, HOOK_KEY, built.bits(built.INPUT, 0x08, (built.OFF_HOOK,))), False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "descriptor", "usable"), RULES, ids=[name for name, *_ in RULES])
def test_the_rule_on_devices_nobody_has(name: str, descriptor: bytes, usable: bool) -> None:
    verdict = read_controls(parse_descriptor(descriptor)).verdict
    assert verdict.usable is usable, f"{name}: {verdict.reason}"
    assert verdict.reason


@pytest.mark.parametrize(
    ("descriptor", "words"),
    [
        (built.YEALINK_ADAPTER, "its telephony collection holds no such key"),
        (load(KRAKEN).descriptor, "its telephony collection holds no such key"),
        (built.H540, "no hook switch: it cannot answer or end a call"),
        (built.collection(0xFFA0, 3, built.bits(built.INPUT, 0xFFA0, (0xB5, 0xB1, 0xB2), built.REL)), "Poly"),
        (built.collection(0xFF99, 1, built.bits(built.INPUT, 0xFF99, (0x04,))), "Microsoft Teams"),
        (load(BRIO).descriptor, "no off-hook or ring lamp"),
    ],
)
def test_a_refusal_says_why(descriptor: bytes, words: str) -> None:
    controls = read_controls(parse_descriptor(descriptor))
    assert words in controls.verdict.reason
    assert words in capability(controls).why
