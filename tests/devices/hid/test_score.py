"""Points and the sentence: what a device can do, and what a person should know about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.hid.controls import Controls, Verdict, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.extension import make_extension
from devices.hid.score import ABILITIES, UNUSABLE_MAX, WANTED, capability
from devices.models.record import Extension
from tests.devices.hid import built
from tests.devices.hid.descriptors import BIZ, BRIO, CMEDIA, CX300, DECOYS, JABRA, SPEAK, WITH_LAMPS, load


def controls_of(name: str) -> Controls:
    return read_controls(parse_descriptor(load(name).descriptor))


def test_the_points_add_up_to_100_and_every_ability_is_named_once() -> None:
    assert sum(each.points for each in ABILITIES) == 100
    assert len({each.feature for each in ABILITIES}) == len(ABILITIES) == 17
    assert all(each.points > 0 and each.words for each in ABILITIES)
    assert set(WANTED) <= {each.feature for each in ABILITIES}


def test_a_device_that_can_do_everything_has_all_the_points() -> None:
    everything = frozenset(each.feature for each in ABILITIES)
    best = capability(replace(controls_of(BIZ), features=everything))
    assert (best.score, best.abilities) == (100, ABILITIES)
    assert "no " not in best.why


def test_a_device_that_can_do_nothing_has_none() -> None:
    nothing = read_controls(parse_descriptor(built.YEALINK_ADAPTER))
    assert capability(nothing).score == 0
    assert capability(nothing).abilities == ()


@pytest.mark.parametrize("name", WITH_LAMPS)
@pytest.mark.parametrize("decoy", DECOYS)
def test_no_decoy_comes_before_a_headset(name: str, decoy: str) -> None:
    assert capability(controls_of(name)).score > UNUSABLE_MAX >= capability(controls_of(decoy)).score


def test_a_hook_with_the_least_to_acknowledge_by_is_more_than_any_decoy() -> None:
    least = built.collection(
        0x0B, 5, built.bits(built.INPUT, 0x0B, (built.HOOK,)), built.bits(built.OUTPUT, 0x0B, (built.RINGER,))
    )
    judged = capability(read_controls(parse_descriptor(least)))
    assert judged.call_control
    assert judged.score > UNUSABLE_MAX


def test_more_keys_are_more_points() -> None:
    scores = [capability(controls_of(name)).score for name in (CMEDIA, SPEAK, JABRA)]
    assert scores == sorted(set(scores))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (JABRA, ("controls calls", "hook switch")),
        (CMEDIA, ("controls calls", "no reject key", "reject calls from the app")),
        (BRIO, ("not for call control", "no off-hook or ring lamp", "another device for calls")),
    ],
)
def test_the_sentence_says_what_to_do(name: str, words: tuple[str, ...]) -> None:
    why = capability(controls_of(name)).why
    assert all(word in why for word in words), why
    assert "\n" not in why


def test_a_headset_that_lacks_nothing_is_not_told_to_lack_anything() -> None:
    assert "it has no" not in capability(controls_of(JABRA)).why


def test_what_a_models_own_protocol_adds_counts() -> None:
    plain = capability(controls_of(CX300))
    more = capability(
        controls_of(CX300), make_extension(parse_descriptor(load(CX300).descriptor), Extension.CX300).features
    )
    assert {each.feature for each in more.abilities} - {each.feature for each in plain.abilities} == {
        "display",
        "lamp_ring",
        "lamp_mute",
        "lamp_message_waiting",
    }
    assert more.score > plain.score


@pytest.mark.parametrize("led", [0x08, 0x2C])
def test_a_lamp_that_tells_others_is_a_busy_light(led: int) -> None:
    lit = built.collection(0x0B, 5, built.bits(built.OUTPUT, 0x08, (led,)))
    assert "busy_light" in {
        each.feature for each in capability(read_controls(parse_descriptor(lit))).abilities
    }


def test_a_verdict_of_a_record_is_what_counts() -> None:
    refused = replace(controls_of(JABRA), verdict=Verdict(False, "Poser: it is a microphone"))
    judged = capability(refused)
    assert (judged.call_control, judged.score) == (False, UNUSABLE_MAX)
    assert "Poser: it is a microphone" in judged.why
