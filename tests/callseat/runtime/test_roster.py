"""Who is who: tables of what is configured and plugged in, and that history changes nobody's name."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from callseat.runtime.roster import Judged, Pins, draw_up, key_of
from firmware_bridge.inventory import USB_BUS, HidNode

JABRA, EPOS, MIC = (0x0B0E, 0x2453), (0x1395, 0x0082), (0x1532, 0x0511)


def seen(number, ids=JABRA, *, serial="", place="1-1", interface=3, usable=True, score=60, bus=USB_BUS):
    """One node as it was judged."""
    node = HidNode(
        Path(f"/dev/hidraw{number}"), bus, *ids, "name", serial, place, interface, bytes([number % 256])
    )
    return Judged(node, usable, "hook switch" if usable else "no hook switch", score)


def names(world, pins=(), *, adopt=True, last=None):
    """Number of the node by the name of the device."""
    roster = draw_up(world, pins, adopt=adopt, last=last or {})
    assert len(roster.nodes) + len(roster.left) == len(world)
    return {device: int(node.path.name.removeprefix("hidraw")) for device, node in roster.nodes.items()}


A, B = "0b0e:2453::1-1", "0b0e:2453::1-2"
TABLE = {
    "nothing is plugged in": ((Pins("h1", vendor_id=0x0B0E),), (), {}),
    "one that nobody names is adopted": ((), (seen(0),), {A: 0}),
    "two equal ones differ by place": ((), (seen(0), seen(1, place="1-2")), {A: 0, B: 1}),
    "equal ones with serials differ by serial": (
        (),
        (seen(0, serial="x"), seen(1, serial="y")),
        {"0b0e:2453:x:1-1": 0, "0b0e:2453:y:1-1": 1},
    ),
    "one without a hook is nobody's": ((), (seen(0, MIC, usable=False),), {}),
    "one that is not on USB is not adopted": ((), (seen(0, bus=5),), {}),
    "one that is not on USB may be named": ((Pins("h1", vendor_id=0x0B0E),), (seen(0, bus=5),), {"h1": 0}),
    "of several interfaces the most capable": (
        (),
        (seen(0, interface=1, score=40), seen(1, interface=3, score=70)),
        {A: 1},
    ),
    "equally capable interfaces: the first": ((), (seen(1, interface=2), seen(0, interface=3)), {A: 1}),
    "pins of the vendor": ((Pins("h1", vendor_id=0x1395),), (seen(0), seen(1, EPOS)), {"h1": 1, A: 0}),
    "pins of the product": (
        (Pins("h1", vendor_id=0x0B0E, product_id=0x9999),),
        (seen(0),),
        {A: 0},
    ),
    "pins of the place": ((Pins("h1", place="1-2"),), (seen(0), seen(1, place="1-2")), {"h1": 1, A: 0}),
    "pins of the serial": (
        (Pins("h1", serial="y"),),
        (seen(0, serial="x", place="1-2"), seen(1, serial="y")),
        {"h1": 1, "0b0e:2453:x:1-2": 0},
    ),
    "pins of the path, even of the lesser interface": (
        (Pins("h1", path=Path("/dev/hidraw0")),),
        (seen(0, score=10, interface=1), seen(1, score=70)),
        {"h1": 0},
    ),
    "a named device's other interfaces are not adopted": (
        (Pins("h1", vendor_id=0x0B0E),),
        (seen(0, score=10, interface=1), seen(1, score=70)),
        {"h1": 1},
    ),
    "the more exact entry chooses first": (
        (Pins("any", vendor_id=0x0B0E), Pins("left", vendor_id=0x0B0E, place="1-1")),
        (seen(0), seen(1, place="1-2")),
        {"left": 0, "any": 1},
    ),
    "equal entries take different devices, port by port": (
        (Pins("h1", vendor_id=0x0B0E), Pins("h2", vendor_id=0x0B0E)),
        (seen(7, place="1-1"), seen(3, place="1-2")),
        {"h1": 7, "h2": 3},
    ),
    "equal entries and one device: the first has it": (
        (Pins("h1", vendor_id=0x0B0E), Pins("h2", vendor_id=0x0B0E)),
        (seen(0, interface=1), seen(1, interface=3)),
        {"h1": 0},
    ),
    "a usable one goes before one that is not": (
        (Pins("h1", vendor_id=0x0B0E),),
        (seen(0, usable=False), seen(1, place="1-2")),
        {"h1": 1},
    ),
    "a named one that cannot control calls is named all the same: its supervisor says why": (
        (Pins("h1", vendor_id=0x1532),),
        (seen(0, MIC, usable=False),),
        {"h1": 0},
    ),
    "more than nine nodes keep the kernel's order": (
        (),
        (seen(10, interface=3), seen(9, interface=3)),
        {A: 9},
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_who_is_who_in_whatever_order_it_is_seen(case):
    pins, world, expected = TABLE[case]
    for order in permutations(world):
        assert names(order, pins) == expected


def test_not_adopting_says_so():
    roster = draw_up((seen(0),), (), adopt=False, last={})
    assert roster.nodes == {}
    assert [left.reason for left in roster.left] == ["no [[headset]] names it, and [headsets] adopt is false"]


def test_every_node_left_says_why():
    world = (
        seen(0),
        seen(1, interface=4, score=20),
        seen(2, MIC, usable=False),
        seen(3, EPOS, bus=5),
    )
    roster = draw_up(world, (), adopt=True, last={})
    assert {left.node.path.name: left.reason for left in roster.left} == {
        "hidraw1": f"another interface of {A}, which has the better one",
        "hidraw2": "no hook switch",
        "hidraw3": "not on USB: only a [[headset]] that names it is used",
    }


TWINS = (Pins("h1", vendor_id=0x0B0E), Pins("h2", vendor_id=0x0B0E))


def test_a_twin_plugged_in_at_an_earlier_port_takes_nobodys_name():
    one, other = seen(4, place="1-2"), seen(5, place="1-1")
    last = {"h1": key_of(one.node)}
    assert names((one, other), TWINS, last=last) == {"h1": 4, "h2": 5}
    assert names((one, other), TWINS) == {"h1": 5, "h2": 4}


def test_twins_replugged_in_another_order_are_who_they_were():
    last = {"h1": (B, 3), "h2": (A, 3)}
    assert names((seen(8, place="1-1"),), TWINS, last=last) == {"h2": 8}
    assert names((seen(8, place="1-1"), seen(9, place="1-2")), TWINS, last=last) == {"h1": 9, "h2": 8}


def test_an_adopted_one_in_use_is_not_renamed_when_a_named_one_leaves():
    (pin, _) = TWINS
    last = {"h1": (A, 3), B: (B, 3)}
    assert names((seen(1, place="1-2"),), (pin,), last=last) == {B: 1}
    assert names((seen(1, place="1-2"),), (pin,)) == {"h1": 1}


def test_what_one_had_before_counts_only_where_its_pins_still_fit():
    pinned = Pins("h1", path=Path("/dev/hidraw2"))
    last = {"h1": key_of(seen(1).node)}
    assert names((seen(1), seen(2, place="1-2")), (pinned,), last=last) == {"h1": 2, A: 1}


def test_nothing_is_kept_that_may_no_longer_be():
    last = {A: (A, 3)}
    assert names((seen(0, usable=False),), (), last=last) == {}
    assert names((seen(0),), (), adopt=False, last=last) == {}


def test_two_with_one_key_share_nothing():
    """Devices that report neither serial nor place (uhid) look the same: only one of them is used."""
    world = (seen(0, place=""), seen(1, place=""))
    assert names(world, last={"0b0e:2453::": ("0b0e:2453::", 3)}) == {"0b0e:2453::": 0}


def test_a_key_outlives_the_nodes_number():
    assert key_of(seen(0).node) == key_of(seen(12).node)
    assert key_of(seen(0).node) != key_of(seen(0, interface=1).node)
