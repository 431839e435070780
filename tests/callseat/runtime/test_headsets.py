"""How a node is judged before anybody opens it, and what is asked when it is opened."""

from __future__ import annotations

import asyncio

import pytest

from callseat.diagnosis.ability import read_ability
from callseat.runtime.headsets import HidSystem, judge, open_headset
from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.score import capability
from devices.models import REGISTRY
from state.commands import SetDisplay
from state.errors import TransportError, TransportReason
from state.ids import DeviceId
from tests.callseat.runtime.hid_world import node
from tests.devices.hid.descriptors import ALL, CX300, JABRA, WH66, load


@pytest.mark.parametrize("name", ALL)
def test_the_daemon_and_the_doctor_judge_alike(name):
    device = load(name)
    judged = judge(node(0, raw=device.descriptor, ids=(device.vendor_id, device.product_id)), REGISTRY)
    ability = read_ability(device.descriptor, device.model)
    assert (judged.usable, judged.score) == (ability.call_control, ability.score)


@pytest.mark.parametrize("name", [CX300, WH66])
def test_a_display_counts(name):
    device = load(name)
    plain = capability(read_controls(parse_descriptor(device.descriptor), device.model))
    ids = (device.vendor_id, device.product_id)
    assert judge(node(0, raw=device.descriptor, ids=ids), REGISTRY).score > plain.score


class Asked:
    """A transport that gives one feature report, or fails."""

    def __init__(self, answer=b"", error=None):
        self.answer, self.error = answer, error
        self.questions, self.closed = [], False

    async def ask(self, question):
        self.questions.append(question)
        if self.error is not None:
            raise self.error
        return self.answer

    async def read(self):
        raise AssertionError

    async def write(self, data, via):
        raise AssertionError

    async def aclose(self):
        self.closed = True


def opened(name, transport):
    device = load(name)
    at = node(0, raw=device.descriptor, ids=(device.vendor_id, device.product_id))

    async def open_node(_node):
        return transport

    return asyncio.run(open_headset(DeviceId("h"), at, HidSystem(open_node=open_node)))


def test_a_display_is_asked_what_it_has_before_anything_is_shown():
    transport = Asked(bytes.fromhex("12 01 10 ff 03"))
    link = opened(WH66, transport)
    assert transport.questions == [b"\x12\0\0\0\0"]
    assert not transport.closed
    rows = [write.data for write in link.engine.request(SetDisplay(("one", "two")), 1.0).writes]
    assert len([data for data in rows if data[0] == 0x14]) == 1


def test_others_are_not_asked():
    transport = Asked()
    assert opened(JABRA, transport).features
    assert opened(CX300, transport).features
    assert transport.questions == []


def test_a_device_that_goes_while_it_is_asked_is_let_go():
    transport = Asked(error=TransportError(TransportReason.GONE, "unplugged"))
    with pytest.raises(TransportError):
        opened(WH66, transport)
    assert transport.closed


def test_a_descriptor_that_cannot_be_read_is_said_so():
    judged = judge(node(0, raw=b"\xff\xff"), REGISTRY)
    assert not judged.usable
    assert "cannot be read" in judged.reason
