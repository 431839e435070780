"""From facts to findings: pure, in the order a technician mends things.

May not read anything of the system.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callseat.diagnosis.facts import Facts, NodeFacts, Reach
from callseat.diagnosis.kinds import Finding, finding
from callseat.runtime.roster import NodeKey, key_of
from firmware_bridge.openers import Opener
from firmware_bridge.usb_hid import HidInterface

ODD_LOSSES = 3
"""More often than a day's shift has reasons to unplug a headset (ours)."""
SLOW_ACK_MS = 50.0
"""A press is acknowledged within this: some headsets fall back after 50 ms (Polycom CX300)."""
RELEASED = "reserved"
"""What hwdb says of a key that shall type nothing (hwdb(7), KEYBOARD_KEY_)."""

KNOWN_OPENERS = (
    (("chrome", "chromium", "msedge", "brave", "opera", "vivaldi"), "a browser: a page uses WebHID"),
    (("teams", "zoom", "slack", "webex", "jitsi"), "a calling app"),
    (("jabra", "gnaudio"), "Jabra's own program"),
    (("poly", "plt", "plantronics", "spokes"), "Poly's own program"),
    (("epos", "sennheiser"), "EPOS's own program"),
    (("headsetcontrol", "gonnect", "callseat"), "another headset program"),
    (("pipewire", "wireplumber", "pulseaudio"), "the sound server"),
    (("fwupd",), "the firmware updater"),
)
"""Beginnings of process names, lower case, and a word for each."""


def judge(facts: Facts) -> tuple[Finding, ...]:
    """Every finding, faults first, each group in the order to mend them."""
    found = [
        *_seat(facts),
        *_udev(facts),
        *(each for interface in facts.interfaces for each in _interface(interface)),
        *(each for node in facts.nodes for each in _node(facts, node)),
        *_identities(facts.nodes),
        *_devices(facts),
        *_view(facts),
    ]
    return tuple(sorted(found, key=lambda each: each.kind.severity))


def usable(node: NodeFacts) -> bool:
    """Whether callseat would use this node for calls."""
    return node.ability.call_control


def _seat(facts: Facts) -> Iterator[Finding]:
    """Configuration and daemon."""
    config, daemon = facts.config, facts.daemon
    if config.error:
        yield finding("config_unusable", config.path or "callseat.toml", config.error, path=config.path or "")
    for problem in config.record_problems:
        yield finding("record_unusable", problem.split(":")[0], problem)
    for name in config.absent:
        yield finding("pinned_absent", name, f"headset {name} is not plugged in", path=config.path)
    if daemon.reach is Reach.ABSENT:
        yield finding("daemon_not_running", daemon.socket, daemon.message)
    elif daemon.reach is Reach.SILENT:
        yield finding("daemon_silent", daemon.socket, daemon.message)
    elif daemon.reach is Reach.DENIED:
        yield finding("socket_denied", daemon.socket, daemon.message, user=facts.you.name)
    wanted = not (config.simulated_only or daemon.devices)
    if wanted and not any(map(usable, facts.nodes)):
        yield finding("no_headset", "/dev/hidraw*", "no device here can control calls")


def _udev(facts: Facts) -> Iterator[Finding]:
    """Our rule, where there is a headset that needs it."""
    rules = facts.rules
    if not any(map(usable, facts.nodes)):
        return
    if rules.installed is None:
        yield finding(
            "rules_not_installed",
            f"/etc/udev/rules.d/{rules.name}",
            f"{rules.name} is not installed",
            ours=rules.ours or rules.name,
            name=rules.name,
        )
    elif not rules.current:
        yield finding(
            "rules_differ",
            rules.installed,
            "it is not the rule of this callseat",
            ours=rules.ours or rules.name,
            installed=rules.installed,
        )


def _interface(interface: HidInterface) -> Iterator[Finding]:
    """A HID interface on USB that got no node."""
    if interface.nodes:
        return
    ids = f"{interface.vendor_id:04x}:{interface.product_id:04x}"
    what = f"{interface.product or 'a HID device'} ({ids})"
    limit = interface.ignored_below
    if limit is not None:
        message = f"{what} has release {interface.release:04x}; the kernel takes {limit:04x} and newer"
        yield finding("kernel_ignores", interface.name, message, ids=ids)
    elif interface.driver == "usbfs":
        yield finding("taken_from_kernel", interface.name, f"{what} is in the hands of a libusb program")
    elif not interface.driver:
        yield finding("no_driver", interface.name, f"{what} has no driver")
    else:
        driver = interface.hid_driver or interface.driver
        yield finding("no_hidraw", interface.name, f"{what} is bound to {driver}, but has no hidraw node")


def _node(facts: Facts, node: NodeFacts) -> Iterator[Finding]:
    """One hidraw node."""
    ability, place, name = node.ability, node.node.path, node.node.name
    if ability.broken:
        yield finding("descriptor_broken", place, f"{name}: {ability.broken}")
    elif not usable(node):
        kind = "telephony_empty" if ability.hollow else "not_call_control"
        if node.pinned:
            message = f"headset {node.device} is {name}: {ability.why}"
            yield finding("pinned_unusable", place, message, path=facts.config.path)
        else:
            yield finding(kind, place, f"{name}: {ability.why}")
    else:
        denied = tuple(_rights(facts, node))
        yield from denied
        yield from _leak(facts, node)
        yield from _others(facts, node)
        if not denied:
            yield from _taken(facts, node)


def _rights(facts: Facts, node: NodeFacts) -> Iterator[Finding]:
    """Whether who has to open the node may."""
    rights, person, place = node.rights, facts.person, node.node.path
    if rights is None:
        yield finding("node_missing", place, f"{node.node.name} has no node")
        return
    ruled = facts.accounts.group(rights.gid) == facts.rules_group
    if facts.rules.installed is not None and not ruled:
        message = f"{rights.text(facts.accounts)}, not group {facts.rules_group}"
        yield finding("rules_not_applied", place, message)
    if rights.allows(person.uid, person.groups):
        return
    shown = f"{person.name} may not open it: {rights.text(facts.accounts)}"
    groups = rights.opening_groups()
    again = "`sudo systemctl restart callseat`" if person.name != facts.you.name else "log out and in again"
    if rights.allows(person.uid, person.listed):
        names = ", ".join(facts.accounts.group(gid) for gid in groups if gid in person.listed)
        yield finding("login_needed", place, f"{shown}; {person.name} has joined {names} since", again=again)
    elif ruled and groups:
        words = {"group": facts.rules_group, "user": person.name, "again": again}
        yield finding(
            "group_missing", place, f"{shown}; {person.name} is not in {facts.rules_group}", **words
        )
    else:
        yield finding("node_denied", place, shown)


def _leak(facts: Facts, node: NodeFacts) -> Iterator[Finding]:
    """The mute key typed by the kernel as well."""
    hwdb = facts.hwdb
    for twin in node.twins:
        # A device of several input devices keeps the bit in some of them: what udev applied is what holds.
        if not twin.types_mic_mute or twin.told == RELEASED:
            continue
        event = f"/dev/input/{twin.event}"
        message = f"{event} types KEY_MICMUTE for {node.node.name}"
        if hwdb.installed is None:
            ours = hwdb.ours or hwdb.name
            yield finding("hwdb_not_installed", event, message, ours=ours, name=hwdb.name, event=event)
        elif not hwdb.applied:
            yield finding("hwdb_not_compiled", event, message, event=event)
        else:
            yield finding("hwdb_not_applied", event, f"{message}; hwdb was not applied to it", event=event)


def _others(facts: Facts, node: NodeFacts) -> Iterator[Finding]:
    for opener in node.openers:
        if opener.pid == facts.daemon.pid:
            continue
        user = facts.accounts.user(opener.uid)
        word = opener_word(opener)
        message = f"{opener.name} (process {opener.pid} of {user}){f', {word},' if word else ''} has it open"
        yield finding("other_opener", node.node.path, message, pid=opener.pid)


def opener_word(opener: Opener) -> str:
    """What a program is, where its name is known; empty where not."""
    name = opener.name.lower()
    return next((word for starts, word in KNOWN_OPENERS if name.startswith(starts)), "")


def _taken(facts: Facts, node: NodeFacts) -> Iterator[Finding]:
    """A usable node the running daemon does not use."""
    if facts.daemon.reach is not Reach.RUNNING or node.attached:
        return
    if node.device:
        message = f"{node.node.name} should be headset {node.device}, and is not attached to the seat"
        yield finding("not_taken", node.node.path, message)
    else:
        yield finding("not_adopted", node.node.path, f"{node.node.name}: {node.left}")


def _identities(nodes: Iterable[NodeFacts]) -> Iterator[Finding]:
    """Two nodes nothing tells apart; interfaces of one device do differ."""
    alike: dict[NodeKey, list[str]] = {}
    for node in filter(usable, nodes):
        alike.setdefault(key_of(node.node), []).append(str(node.node.path))
    for (identity, _), paths in alike.items():
        if len(paths) > 1:
            yield finding("same_identity", identity, f"{len(paths)} nodes have it: {', '.join(paths)}")


def _devices(facts: Facts) -> Iterator[Finding]:
    """What the daemon says of the headsets it has."""
    info = facts.daemon.info
    for name, losses in info.get("losses", {}).items():
        if losses >= ODD_LOSSES:
            yield finding("keeps_dropping", name, f"lost {losses} times since the daemon started")
    for name, device in facts.daemon.devices.items():
        if device.get("holder"):
            yield finding("held", name, f"held by {device['holder']}")
        if device.get("contended"):
            yield finding("contended", name, device["contended"])
        acks = info.get("ack_ms", {}).get(name)
        if acks is not None and acks["p99"] > SLOW_ACK_MS:
            message = f"1 in 100 presses is acknowledged after {acks['p99']:.0f} ms or more"
            yield finding("slow_ack", name, message)
        ignored = info.get("ignored_reports", {}).get(name, 0)
        if ignored:
            yield finding("wrong_length", name, f"{ignored} reports were not of a length its descriptor has")


def _view(facts: Facts) -> Iterator[Finding]:
    if facts.unseen_processes and any(map(usable, facts.nodes)):
        message = f"{facts.unseen_processes} processes of other users could not be looked into"
        yield finding("processes_unseen", "/proc", message)
