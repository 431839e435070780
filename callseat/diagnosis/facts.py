"""What was found out about headsets on this machine, as values.

May not judge, and may not find out anything: `callseat.diagnosis.gather` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from firmware_bridge.inventory import HidNode
from firmware_bridge.openers import Opener
from firmware_bridge.rights import Accounts, NodeRights, Person
from firmware_bridge.udev_files import KeyTwin
from firmware_bridge.usb_hid import HidInterface


@dataclass(frozen=True, slots=True)
class Ability:
    """What a device's own descriptor is good for.

    `hollow`: it claims to be a phone and has no key or lamp of one; `broken`: why it cannot be read.
    """

    call_control: bool
    score: int
    why: str
    hollow: bool = False
    broken: str = ""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One hidraw node: its rights (None: no node), its keyboard twins, who has it open, which headset it is.

    `device` is the headset it is by the configuration, `left` why it is none, `attached` whether the running
    seat has that headset.
    """

    node: HidNode
    ability: Ability
    rights: NodeRights | None
    twins: tuple[KeyTwin, ...] = ()
    openers: tuple[Opener, ...] = ()
    device: str = ""
    left: str = ""
    attached: bool = False

    @property
    def pinned(self) -> bool:
        """Whether the configuration names it, rather than adopting it."""
        return self.device not in ("", self.node.identity)


@dataclass(frozen=True, slots=True)
class UdevFile:
    """A file udev needs: where it is installed, whether it says what ours says, where ours is."""

    name: str
    ours: Path | None = None
    installed: Path | None = None
    current: bool = False
    applied: bool = True
    """Of the hwdb: compiled since it was installed."""


class Reach(StrEnum):
    """How far the daemon could be asked."""

    RUNNING = "running"
    ABSENT = "absent"
    DENIED = "denied"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class DaemonFacts:
    """The running seat as far as it tells: `devices` is the snapshot's, `info` is `server.info`."""

    reach: Reach
    socket: Path
    message: str = ""
    devices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)
    snapshot: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pid(self) -> int | None:
        """The daemon's process."""
        return self.info.get("pid")


@dataclass(frozen=True, slots=True)
class ConfigFacts:
    """The configuration in effect: why it cannot be used, and which headsets it names are not plugged in."""

    path: Path | None = None
    error: str = ""
    absent: tuple[str, ...] = ()
    simulated_only: bool = False
    record_problems: tuple[str, ...] = ()
    """Of the site's own model records."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a diagnosis is drawn from; `person` is who has to open the nodes."""

    person: Person
    you: Person
    accounts: Accounts
    nodes: tuple[NodeFacts, ...]
    interfaces: tuple[HidInterface, ...]
    rules: UdevFile
    hwdb: UdevFile
    rules_group: str
    daemon: DaemonFacts
    config: ConfigFacts
    unseen_processes: int = 0
