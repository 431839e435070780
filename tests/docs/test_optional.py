"""docs/headsets-optional.md says of lights, colours and descriptors what is so."""

from __future__ import annotations

import re

import pytest

from callseat.runtime.busy_light import FIRST_PAUSE_S, LONGEST_PAUSE_S, LOOK_S, REFRESH_S
from devices.hid.battery import BatteryReader
from devices.hid.descriptor import parse_descriptor
from devices.models.busy_lights import BUSY_LIGHTS
from state.busy import AGENT_SIGNS, CALL_SIGNS, BusySign, Moment
from state.words import AgentState, MuteState
from tests.devices.hid.descriptors import ALL, load
from tests.docs.pages import page

NAME = "docs/headsets-optional.md"
SENSORS = 0x20


def between(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n(.*?)<!-- end -->", page(NAME), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_colours_are_those_of_the_tables() -> None:
    shown = [line.split("|")[2].strip() for line in between("signs").splitlines()[2:]]
    signs = [
        CALL_SIGNS[Moment.TALKING, MuteState.LIVE],
        CALL_SIGNS[Moment.TALKING, MuteState.MUTED],
        CALL_SIGNS[Moment.RINGING, MuteState.LIVE],
        AGENT_SIGNS[AgentState.READY],
        AGENT_SIGNS[AgentState.NOT_READY],
        AGENT_SIGNS[AgentState.BUSY],
        AGENT_SIGNS[AgentState.LOGGED_OUT],
    ]
    assert shown == [_words(sign) for sign in signs]
    assert AGENT_SIGNS[AgentState.NOT_READY] == AGENT_SIGNS[AgentState.AFTER_CALL_WORK]


def _words(sign: BusySign) -> str:
    return f"{sign.colour.value}, flashing" if sign.flash else sign.colour.value


def test_the_lights_are_those_of_the_list() -> None:
    named = [name.strip() for name in between("lights").replace("\n", " ").split(",")]
    assert named == list(dict.fromkeys(named))
    assert set(named) == set(BUSY_LIGHTS.values())


def test_the_times_are_those_of_the_service() -> None:
    text = page(NAME)
    assert f"every {REFRESH_S:.0f} s" in text
    assert f"within {max(REFRESH_S + FIRST_PAUSE_S, LOOK_S):.0f} s of being" in text
    assert f"pauses of {FIRST_PAUSE_S:.0f} to\n{LONGEST_PAUSE_S:.0f} s" in text


@pytest.mark.parametrize("name", ALL)
def test_no_descriptor_we_have_says_battery_or_wear_by_a_standard(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    pages = {usages.first >> 16 for field in descriptor.fields for usages in field.usages}
    assert SENSORS not in pages
    assert not BatteryReader(descriptor).present
