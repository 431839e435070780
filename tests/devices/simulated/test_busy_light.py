"""The simulated busy light behaves as one on a cable: it shows what it was told, goes away, refuses."""

from __future__ import annotations

import pytest

from devices.simulated.busy_light import KEPT, SimulatedBusyLight
from state.busy import Colour
from state.errors import TransportError, TransportReason


def test_it_shows_what_it_was_last_told() -> None:
    light = SimulatedBusyLight()
    assert light.colour is Colour.OFF
    found = light.find()
    assert found is light
    for colour in (Colour.GREEN, Colour.RED):
        found.show(colour)
        assert light.colour is colour
    found.close()
    assert light.colour is Colour.RED
    assert light.opened == 0


def test_pulled_out_it_is_dark_and_gone_and_comes_back_dark() -> None:
    light = SimulatedBusyLight()
    light.show(Colour.GREEN)
    light.unplug()
    assert light.colour is Colour.OFF
    assert light.find() is None
    with pytest.raises(TransportError, match="not plugged in") as caught:
        light.show(Colour.GREEN)
    assert caught.value.reason is TransportReason.GONE
    light.plug()
    assert light.colour is Colour.OFF
    assert light.find() is light


def test_it_refuses_as_told() -> None:
    light = SimulatedBusyLight()
    light.refuses = TransportReason.DENIED
    for use in (light.find, lambda: light.show(Colour.RED)):
        with pytest.raises(TransportError) as caught:
            use()
        assert caught.value.reason is TransportReason.DENIED
    assert light.opened == 0
    assert light.shown == []


def test_it_remembers_no_more_than_a_minute_of_flashing() -> None:
    light = SimulatedBusyLight()
    for _ in range(KEPT):
        light.show(Colour.BLUE)
    light.show(Colour.OFF)
    assert len(light.shown) == KEPT
    assert light.shown[-2:] == [Colour.BLUE, Colour.OFF]
