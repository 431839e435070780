"""The facts of this machine: sysfs, /dev, /proc, /etc and udev's files, each read under a root handed in.

May not judge, change or open a device. What may not be read is left out and counted where it matters.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callseat.config import HeadsetConfig
from callseat.diagnosis.ability import read_ability
from callseat.diagnosis.facts import Ability, ConfigFacts, DaemonFacts, Facts, NodeFacts, UdevFile
from callseat.runtime.headsets import followed
from callseat.runtime.roster import Judged, Pins, draw_up
from devices.models.registry import ModelRegistry
from firmware_bridge.inventory import HidNode, list_hid_nodes
from firmware_bridge.openers import find_openers
from firmware_bridge.rights import (
    Accounts,
    Person,
    person_of_account,
    person_of_process,
    read_accounts,
    read_rights,
)
from firmware_bridge.udev_files import find_file, is_compiled, key_twins
from firmware_bridge.usb_hid import list_hid_interfaces

ROOT = Path("/")
CHECKOUT = Path(__file__).resolve().parent.parent.parent
RULES = "70-callseat.rules"
HWDB = "70-callseat.hwdb"
UNIT_USER = "callseat"
"""User= of the shipped systemd unit."""
RULES_GROUP = "plugdev"
"""The group our rules give headsets to, where the rules themselves are not at hand."""
_GROUP = re.compile(r'\bGROUP:?="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the configuration wants of headsets."""

    pins: tuple[Pins, ...] = ()
    adopt: bool = True
    simulated: tuple[HeadsetConfig, ...] = ()
    path: Path | None = None
    error: str = ""
    record_problems: tuple[str, ...] = ()

    def facts(self, there: Collection[str]) -> ConfigFacts:
        """The same, against the headsets that are there."""
        absent = tuple(each.device for each in self.pins if each.device not in there)
        only = bool(self.simulated) and not self.pins and not self.adopt
        return ConfigFacts(self.path, self.error, absent, only, self.record_problems)


@dataclass(frozen=True, slots=True)
class Who:
    """Which headset each node is, and why the others are none."""

    devices: Mapping[Path, str]
    left: Mapping[Path, str]


def gather(
    wanted: Wanted, daemon: DaemonFacts, models: ModelRegistry, *, pid: int, root: Path = ROOT
) -> Facts:
    """Every fact, as the process `pid` (ours) sees it."""
    accounts = read_accounts(root / "etc")
    you = person_of_process(pid, accounts, root / "proc") or Person(str(pid), 0, frozenset(), frozenset())
    rules = _udev_file("rules.d", RULES, root)
    found = list_hid_nodes(root / "sys", root / "dev")
    openers = find_openers([node.path for node in found], root / "proc")
    able = {
        node.path: read_ability(node.descriptor, models.find(node.vendor_id, node.product_id))
        for node in found
    }
    who = who_is_who(found, able, wanted, daemon)
    nodes = tuple(
        NodeFacts(
            node,
            able[node.path],
            read_rights(node.path),
            key_twins(node.path.name, root),
            openers.of(node.path),
            device=who.devices.get(node.path, ""),
            left=who.left.get(node.path, ""),
            attached=who.devices.get(node.path) in daemon.devices,
        )
        for node in found
    )
    return Facts(
        person=_opener_of_nodes(daemon, accounts, root) or you,
        you=you,
        accounts=accounts,
        nodes=nodes,
        interfaces=list_hid_interfaces(root / "sys"),
        rules=rules,
        hwdb=_udev_file("hwdb.d", HWDB, root),
        rules_group=_group_of(rules.ours),
        daemon=daemon,
        config=wanted.facts(tuple(who.devices.values())),
        unseen_processes=openers.unseen,
    )


def who_is_who(
    found: Sequence[HidNode], able: Mapping[Path, Ability], wanted: Wanted, daemon: DaemonFacts
) -> Who:
    """As the running seat says; without one as it would say."""
    told = daemon.info.get("headsets")
    if told is not None:
        devices = {Path(path): device for device, path in told["nodes"].items()}
        return Who(devices, {Path(left["node"]): left["reason"] for left in told["left"]})
    judged = [
        Judged(node, able[node.path].call_control, able[node.path].why, able[node.path].score)
        for node in found
    ]
    roster = draw_up(judged, followed(wanted.pins), adopt=wanted.adopt, last={})
    devices = {node.path: str(device) for device, node in roster.nodes.items()}
    return Who(devices, {left.node.path: left.reason for left in roster.left})


def _opener_of_nodes(daemon: DaemonFacts, accounts: Accounts, root: Path) -> Person | None:
    """Who has to open the nodes: the daemon as it runs, else the user of the installed unit."""
    if daemon.pid is not None:
        running = person_of_process(daemon.pid, accounts, root / "proc")
        if running is not None:
            return running
    return person_of_account(UNIT_USER, accounts)


def _udev_file(kind: str, name: str, root: Path) -> UdevFile:
    ours, installed = our_file(kind, name), find_file(kind, name, root)
    if installed is None:
        return UdevFile(name, ours)
    current = ours is None or installed.read_bytes() == ours.read_bytes()
    return UdevFile(name, ours, installed, current, kind == "rules.d" or is_compiled(installed, root))


def our_file(kind: str, name: str) -> Path | None:
    """The file this callseat brought along: in its checkout, or where its package was installed."""
    places = (CHECKOUT / "udev" / name, Path(sys.prefix) / "lib/udev" / kind / name)
    return next((place for place in places if place.is_file()), None)


def _group_of(rules: Path | None) -> str:
    """The group our rules give the nodes to."""
    found = None if rules is None else _GROUP.search(rules.read_text(encoding="utf-8"))
    return RULES_GROUP if found is None else found[1]
