"""Which device, and may it be opened: complaints 14 and 16 of docs/complaints.md."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from pathlib import Path

import pytest

from callseat.diagnosis import DaemonFacts, Facts, Finding, Reach, judge
from callseat.diagnosis.gather import Wanted, gather
from callseat.runtime import headsets
from callseat.runtime.roster import Pins, draw_up, key_of
from callseat.supervisor import Endpoint, Link, Supervisor
from devices.hid.descriptor import parse_descriptor
from devices.hid.usages import TELEPHONY
from devices.models import REGISTRY
from firmware_bridge.inventory import USB_BUS, HidNode
from state.errors import TransportError, TransportReason
from state.events import DeviceDetached, Event
from state.ids import DeviceId
from tests.callseat.diagnosis.tree import DAEMON, DAEMON_UID, JABRA, NODE_GID, YOU, Tree
from tests.callseat.runtime.seat_kit import run
from tests.devices.hid import built
from tests.devices.hid.descriptors import BLACKWIRE, BRIO, G535, KRAKEN, load
from tests.devices.hid.descriptors import JABRA as EVOLVE
from tests.virtual import passes

# 16: which device ------------------------------------------------------------------------------------


def node(number: int, ids: tuple[int, int], descriptor: bytes, serial: str = "", place: str = "") -> HidNode:
    path = Path(f"/dev/hidraw{number}")
    return HidNode(path, USB_BUS, *ids, f"node {number}", serial, place or f"1-1.{number}", 0, descriptor)


WEBCAM = node(0, (0x046D, 0x0944), load(BRIO).descriptor)
MICROPHONE = node(1, (0x1532, 0x0511), built.RAZER_MIC)
RECEIVER = node(2, (0x2F05, 0x003B), built.BOYA)
EMPTY = node(3, (0x1532, 0x0560), load(KRAKEN).descriptor)
GAMING = node(4, (0x046D, 0x0AC4), load(G535).descriptor)
PAD = node(5, (0x045E, 0x003B), built.SIDEWINDER)
JABRA_HEADSET = node(6, (0x0B0E, 0x0307), load(EVOLVE).descriptor, "J1")
POLY_HEADSET = node(7, (0x047F, 0xC056), load(BLACKWIRE).descriptor, "P1")
ORDERS = (
    (WEBCAM, MICROPHONE, RECEIVER, EMPTY, GAMING, PAD, JABRA_HEADSET, POLY_HEADSET),
    (POLY_HEADSET, PAD, WEBCAM, JABRA_HEADSET, GAMING, EMPTY, RECEIVER, MICROPHONE),
    (RECEIVER, JABRA_HEADSET, POLY_HEADSET, MICROPHONE, PAD, WEBCAM, EMPTY, GAMING),
    (GAMING, EMPTY, POLY_HEADSET, RECEIVER, WEBCAM, PAD, MICROPHONE, JABRA_HEADSET),
)

Choice = Callable[[Sequence[HidNode]], Iterable[HidNode]]


def ours(nodes: Sequence[HidNode]) -> Iterable[HidNode]:
    """Every node that can control calls, whoever comes first."""
    seen = [headsets.judge(each, REGISTRY) for each in nodes]
    return draw_up(seen, (), adopt=True, last={}).nodes.values()


def jitsi(nodes: Sequence[HidNode]) -> Iterable[HidNode]:
    """jitsi-meet 1c8216e, webhid-manager.ts: the first device with a telephony collection."""
    return [each for each in nodes if _telephony(each)][:1]


def gonnect(nodes: Sequence[HidNode]) -> Iterable[HidNode]:
    """gonnect d482116, USBDevices.cpp: devs.first(), of those with a collection 0B:05."""
    return [each for each in nodes if TELEPHONY << 16 | 0x05 in _applications(each)][:1]


def _applications(each: HidNode) -> tuple[int, ...]:
    return tuple(parse_descriptor(each.descriptor).applications)


def _telephony(each: HidNode) -> bool:
    return any(usage >> 16 == TELEPHONY for usage in _applications(each))


def both_headsets(choose: Choice, order: Sequence[HidNode]) -> None:
    chosen = {each.path.name for each in choose(order)}
    assert chosen == {"hidraw6", "hidraw7"}, f"the wrong device was picked: {chosen}"


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("choose", [ours, jitsi, gonnect])
def test_c16_headsets_are_found_among_all_that_looks_like_one(
    choose: Choice, order: Sequence[HidNode]
) -> None:
    if choose is ours:
        both_headsets(choose, order)
        return
    with pytest.raises(AssertionError, match="the wrong device was picked"):
        both_headsets(choose, order)


def test_c16_why_a_decoy_is_none_is_said_of_each() -> None:
    roster = draw_up([headsets.judge(each, REGISTRY) for each in ORDERS[0]], (), adopt=True, last={})
    left = {each.node.path: each.reason for each in roster.left}
    assert set(left) == {each.path for each in (WEBCAM, MICROPHONE, RECEIVER, EMPTY, GAMING, PAD)}
    assert all(len(reason) > 20 for reason in left.values())


def test_c16_a_pin_finds_its_headset_whatever_the_order_and_the_port() -> None:
    pins = (Pins(DeviceId("agent"), vendor_id=0x0B0E, serial="J2"),)
    twins = [
        node(6, (0x0B0E, 0x0307), load(EVOLVE).descriptor, "J1"),
        node(7, (0x0B0E, 0x0307), load(EVOLVE).descriptor, "J2"),
    ]
    for order in permutations([WEBCAM, *twins]):
        roster = draw_up([headsets.judge(each, REGISTRY) for each in order], pins, adopt=True, last={})
        assert roster.nodes[DeviceId("agent")].serial == "J2"
        assert len(roster.nodes) == 2
    before = {DeviceId("agent"): key_of(twins[1])}
    moved = node(0, (0x0B0E, 0x0307), load(EVOLVE).descriptor, "J2", place="2-4")
    seen = [headsets.judge(each, REGISTRY) for each in (twins[0], moved)]
    assert draw_up(seen, pins, adopt=True, last=before).nodes[DeviceId("agent")] == moved


# 14: may it be opened --------------------------------------------------------------------------------

Look = Callable[[Facts], tuple[Finding, ...]]


def in_silence(_facts: Facts) -> tuple[Finding, ...]:
    """google-meet-jabra issue 14: the open fails, the page shows nothing."""
    return ()


def names_node_and_right(look: Look, facts: Facts) -> None:
    found = {each.kind.kind: each for each in look(facts)}
    assert "group_missing" in found, "nobody is told of the missing right"
    told = found["group_missing"]
    assert told.place.endswith("/dev/hidraw0")
    assert "callseat is not in plugdev" in told.message
    assert "usermod -aG plugdev callseat" in told.next_step


@pytest.mark.parametrize("look", [judge, in_silence])
def test_c14_a_node_that_may_not_be_opened_is_named_with_the_right(look: Look, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.plug(JABRA).chmod(0o660)
    tree.members("somebody")
    tree.process(DAEMON, "callseat", DAEMON_UID, [NODE_GID + 20])
    daemon = DaemonFacts(Reach.RUNNING, Path("/run/callseat/callseat.sock"), "", {}, {"pid": DAEMON})
    facts = gather(Wanted(), daemon, REGISTRY, pid=YOU, root=tree.root)
    if look is judge:
        names_node_and_right(look, facts)
        return
    with pytest.raises(AssertionError, match="nobody is told of the missing right"):
        names_node_and_right(look, facts)


class InSilence(Supervisor):
    """google-meet-jabra issue 14, node-hid issue 483: what may not be opened is not there."""

    def _tell(self, reason: TransportReason) -> None:
        """Nobody is told."""


class NoPorts:
    """Nothing ever opens."""

    def opened(self, endpoint: Endpoint, port: object) -> None:
        raise AssertionError("a node that may not be opened was")

    def closed(self, endpoint: Endpoint) -> None:
        raise AssertionError("a node that was never open was closed")


def tells_the_seat(kind: type[Supervisor]) -> None:
    posted: list[Event] = []

    async def denied() -> Link:
        raise TransportError(TransportReason.DENIED, "/dev/hidraw0: permission denied")

    async def main() -> None:
        endpoint = Endpoint("agent", denied, device=DeviceId("agent"))
        supervisor = kind(endpoint, posted.append, NoPorts())
        task = asyncio.create_task(supervisor.run())
        await passes(10.0)
        assert supervisor.counts.losses > 3
        task.cancel()
        await asyncio.wait([task])

    run(main())
    reasons = [event.reason for event in posted if isinstance(event, DeviceDetached)]
    assert reasons == ["denied"], "the seat was not told, or was told again and again"


@pytest.mark.parametrize("kind", [Supervisor, InSilence])
def test_c14_the_seat_is_told_once_that_its_headset_may_not_be_opened(kind: type[Supervisor]) -> None:
    if kind is Supervisor:
        tells_the_seat(kind)
        return
    with pytest.raises(AssertionError, match="the seat was not told"):
        tells_the_seat(kind)
