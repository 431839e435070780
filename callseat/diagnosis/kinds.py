"""Every kind of finding: how bad it is, why it matters, and what to do next.

May not find anything: `callseat.diagnosis.judge` does. docs/troubleshooting-headsets.md explains each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether somebody has to do something."""

    FAULT = "fault"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding; `next_step` is filled with the finding's own words."""

    kind: str
    severity: Severity
    why: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found at one place."""

    kind: Kind
    place: str
    message: str
    next_step: str

    def as_json(self) -> dict[str, str]:
        """As `callseat doctor --json` tells it."""
        return {
            "kind": self.kind.kind,
            "severity": self.kind.severity,
            "place": self.place,
            "message": self.message,
            "why": self.kind.why,
            "next": self.next_step,
        }


_RELOAD = "sudo udevadm control --reload && sudo udevadm trigger --action=change --subsystem-match=hidraw"

_FAULTS = (
    (
        "no_headset",
        "without a headset that can answer and hang up, calls are taken at the phone",
        "plug a headset in; `callseat devices list` says what is there",
    ),
    ("pinned_absent", "the configuration waits for this very headset", "plug it in, or correct {path}"),
    (
        "pinned_unusable",
        "the configuration names a device that cannot answer or end a call",
        "name another device in {path}",
    ),
    (
        "config_unusable",
        "the daemon does not start with it",
        "`callseat config check {path}`",
    ),
    (
        "record_unusable",
        "a model record of this site that cannot be read is left out",
        "correct it where it says, then `sudo systemctl restart callseat`",
    ),
    (
        "daemon_not_running",
        "nobody serves the headsets: keys do nothing, lamps stay dark",
        "`sudo systemctl restart callseat && systemctl status callseat`",
    ),
    (
        "daemon_silent",
        "a daemon that does not answer does not serve headsets either",
        "`sudo systemctl restart callseat`",
    ),
    (
        "not_taken",
        "the daemon may open this headset, and has not",
        "`sudo systemctl restart callseat && journalctl -u callseat -n 50`",
    ),
    (
        "node_missing",
        "without a node nobody can talk to the device",
        "`sudo udevadm trigger --action=add --subsystem-match=hidraw && ls -l {place}`",
    ),
    (
        "node_denied",
        "the daemon cannot open the headset",
        "`ls -l {place} && " + _RELOAD + "`",
    ),
    (
        "group_missing",
        "only root and this group may open the headset",
        "`sudo usermod -aG {group} {user}`, then {again}",
    ),
    (
        "login_needed",
        "a process keeps the groups it was started with",
        "{again}",
    ),
    (
        "rules_not_installed",
        "a new hidraw node belongs to root alone until our rule gives it to a group",
        "`sudo install -m 644 {ours} /etc/udev/rules.d/{name} && " + _RELOAD + "`",
    ),
    (
        "rules_differ",
        "headsets of newer models may be missing in it, or somebody changed it",
        "`sudo install -m 644 {ours} {installed} && " + _RELOAD + "`",
    ),
    (
        "rules_not_applied",
        "a rule touches a node when it is plugged in, or when udev is triggered",
        f"`{_RELOAD}`",
    ),
    (
        "hwdb_not_installed",
        "the kernel types KEY_MICMUTE for the mute key: a desktop mutes too, and both fight",
        (
            "`sudo install -m 644 {ours} /etc/udev/hwdb.d/{name} && sudo systemd-hwdb update && "
            "sudo udevadm trigger --action=change {event}`"
        ),
    ),
    (
        "hwdb_not_compiled",
        "udev reads the compiled file only",
        "`sudo systemd-hwdb update && sudo udevadm trigger --action=change {event}`",
    ),
    (
        "hwdb_not_applied",
        "the kernel types KEY_MICMUTE for the mute key: a desktop mutes too, and both fight",
        "`sudo udevadm trigger --action=change {event}`; if that does not help, plug the headset in again",
    ),
    (
        "other_opener",
        "hidraw is not exclusive: two programs that write lamps undo each other's, and may end a call",
        "end that program, or take the headset from it: `ps -fp {pid}` says what it is",
    ),
    (
        "contended",
        "the headset did what neither the agent nor callseat asked for",
        "`sudo callseat doctor devices` says who else has it open: end that program",
    ),
    (
        "kernel_ignores",
        "the kernel knows this firmware to be broken and gives the device no driver",
        "update the headset's firmware with its maker's program; `lsusb -v -d {ids}` shows bcdDevice",
    ),
    (
        "taken_from_kernel",
        "a program that uses libusb took the device from the kernel: it has no node for anybody else",
        "end that program (`sudo lsof +D /dev/bus/usb`), then plug the headset in again",
    ),
    (
        "no_driver",
        "without usbhid the interface has no node",
        "`sudo modprobe usbhid && ls /sys/bus/usb/drivers/usbhid`",
    ),
    (
        "no_hidraw",
        "callseat reads and writes whole reports, and hidraw is how the kernel hands them over",
        "`grep HIDRAW /boot/config-$(uname -r)` must say y; else another kernel; then plug it in again",
    ),
    (
        "descriptor_broken",
        "what a device is good for is read from its report descriptor",
        "plug the headset in again; if it stays so, `callseat devices show {place}` is for the bug report",
    ),
    (
        "same_identity",
        "a headset is known by vendor, product, serial and place; two with one identity take turns",
        "pin one of the nodes by its `path` in a [[headset]] of the configuration",
    ),
    (
        "keeps_dropping",
        "each loss leaves the agent without keys until the headset is back",
        "another cable, another port, no unpowered hub; `sudo dmesg --follow` while it happens",
    ),
    (
        "wrong_length",
        "a report of another length than the descriptor says cannot be understood",
        "record it with `callseat devices learn`: the tape shows which report it is",
    ),
    (
        "slow_ack",
        "a headset that is acknowledged late takes the press back",
        "`callseat api call server.info` shows what is slow; look for a busy processor or a bad cable",
    ),
)
_NOTES = (
    (
        "not_call_control",
        "callseat leaves it alone",
        "nothing to do, unless it is a headset: `callseat devices show {place}`",
    ),
    (
        "telephony_empty",
        "it says that it is a phone, and has no key or lamp of one",
        "nothing to do; use its sound, and another device's keys",
    ),
    (
        "not_adopted",
        "the configuration uses the headsets it names, and no other",
        "set adopt = true in [headsets], or name it in a [[headset]]",
    ),
    (
        "held",
        "an app takes its own calls with this headset; calls of the seat's lines come first",
        "end the app's call there if the headset is needed here",
    ),
    (
        "socket_denied",
        "the daemon runs, but does not tell you how the headsets are",
        "`sudo usermod -aG callseat {user}`, then log out and in; or `sudo callseat doctor devices`",
    ),
    (
        "processes_unseen",
        "another program that has the headset open would not be noticed",
        "`sudo callseat doctor devices`",
    ),
)

KINDS: dict[str, Kind] = {
    kind: Kind(kind, severity, why, next_step)
    for severity, table in ((Severity.FAULT, _FAULTS), (Severity.NOTE, _NOTES))
    for kind, why, next_step in table
}
"""Every kind by its name."""


def finding(kind: str, place: object, message: str, **words: object) -> Finding:
    """A finding with its next step filled in."""
    made = KINDS[kind]
    where = str(place)
    return Finding(made, where, message, made.next_step.format(place=where, **words))
