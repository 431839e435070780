"""How a node is judged, before anybody opens it."""

from __future__ import annotations

import pytest

from callseat.diagnosis.ability import read_ability
from callseat.runtime.headsets import judge
from devices.models import REGISTRY
from tests.callseat.runtime.hid_world import node
from tests.devices.hid.descriptors import ALL, CX300, load


@pytest.mark.parametrize("name", ALL)
def test_the_daemon_and_the_doctor_judge_alike(name):
    device = load(name)
    judged = judge(node(0, raw=device.descriptor, ids=(device.vendor_id, device.product_id)), REGISTRY)
    ability = read_ability(device.descriptor, device.model)
    assert (judged.usable, judged.score) == (ability.call_control, ability.score)


def test_a_display_of_the_models_own_protocol_counts():
    device = load(CX300)
    known, unknown = (
        judge(node(0, raw=device.descriptor, ids=ids), REGISTRY)
        for ids in ((device.vendor_id, device.product_id), (0xFFFF, 1))
    )
    assert known.score > unknown.score


def test_a_descriptor_that_cannot_be_read_is_said_so():
    judged = judge(node(0, raw=b"\xff\xff"), REGISTRY)
    assert not judged.usable
    assert "cannot be read" in judged.reason
