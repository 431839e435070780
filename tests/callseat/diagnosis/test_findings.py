"""From a machine in a folder to findings: each thing that can be wrong, found where it is, nowhere else."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from callseat.diagnosis import KINDS, DaemonFacts, Facts, Finding, Reach, Severity, judge
from callseat.diagnosis.gather import HWDB, RULES, Wanted, gather, our_file
from callseat.runtime.roster import Pins
from devices.models import REGISTRY
from state.ids import DeviceId
from tests.callseat.diagnosis.tree import (
    AGENT_UID,
    BRIO,
    DAEMON,
    DAEMON_UID,
    G535,
    JABRA,
    KITTY,
    NODE_GID,
    YOU,
    Tree,
)

ABSENT = DaemonFacts(Reach.ABSENT, Path("/run/callseat/callseat.sock"), "no seat is running")
PIN = Pins(DeviceId("headset"), vendor_id=0x0B0E)
EVOLVE = "0b0e:0307::1-1.2"


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Tree:
    """A machine on which everything is as it should be, without a headset."""
    tree = Tree(tmp_path)
    for kind, name in (("rules.d", RULES), ("hwdb.d", HWDB)):
        ours = our_file(kind, name)
        assert ours is not None
        tree.install(f"usr/lib/udev/{kind}/{name}", ours.read_text("utf-8"))
    compiled = tree.install("usr/lib/udev/hwdb.bin", "")
    soon = compiled.stat().st_mtime + 5
    os.utime(compiled, (soon, soon))
    return tree


def _headset(tree: Tree, model: str = JABRA, number: int = 0, port: str = "1-1.2") -> Path:
    """Plugged in, its node in the hands of the group."""
    node = tree.plug(model, number, port)
    node.chmod(0o660)
    tree.members("callseat")
    return node


def _running(tree: Tree, *devices: str, groups: tuple[int, ...] = (NODE_GID,), **info: object) -> DaemonFacts:
    tree.process(DAEMON, "callseat", DAEMON_UID, list(groups))
    views = {name: {"device": name, "holder": "", "contended": ""} for name in devices}
    told = {"pid": DAEMON, "losses": {}, "ack_ms": {}, **info}
    return DaemonFacts(Reach.RUNNING, Path("/run/callseat/callseat.sock"), "", views, told)


def _facts(tree: Tree, daemon: DaemonFacts, wanted: Wanted | None = None) -> Facts:
    return gather(wanted or Wanted(), daemon, REGISTRY, pid=YOU, root=tree.root)


def _found(tree: Tree, daemon: DaemonFacts, wanted: Wanted | None = None) -> dict[str, Finding]:
    return {each.kind.kind: each for each in judge(_facts(tree, daemon, wanted))}


def test_nothing_is_wrong_where_all_is_well(tree: Tree) -> None:
    node = _headset(tree)
    tree.twin(node, "0")
    facts = _facts(tree, _running(tree, EVOLVE))
    assert judge(facts) == ()
    (told,) = facts.nodes
    assert (told.device, told.attached, told.left) == (EVOLVE, True, "")
    assert facts.person.name == "callseat"


def test_a_machine_without_headset_and_daemon(tree: Tree) -> None:
    found = _found(tree, ABSENT)
    assert list(found) == ["daemon_not_running", "no_headset"]
    assert found["daemon_not_running"].place == "/run/callseat/callseat.sock"
    assert found["daemon_not_running"].next_step.startswith("`sudo systemctl restart callseat")


@pytest.mark.parametrize(
    ("reach", "kind"), [(Reach.SILENT, "daemon_silent"), (Reach.DENIED, "socket_denied")]
)
def test_a_daemon_that_cannot_be_asked(tree: Tree, reach: Reach, kind: str) -> None:
    _headset(tree)
    assert list(_found(tree, replace(ABSENT, reach=reach))) == [kind]


def test_the_socket_group_is_named_for_the_technician(tree: Tree) -> None:
    found = _found(tree, replace(ABSENT, reach=Reach.DENIED))["socket_denied"]
    assert "usermod -aG callseat tech" in found.next_step


# rights -----------------------------------------------------------------------------------------------


def test_a_node_that_is_not_there(tree: Tree) -> None:
    tree.plug(JABRA, node=False)
    found = _found(tree, _running(tree))
    assert list(found) == ["node_missing"]
    assert found["node_missing"].place.endswith("/dev/hidraw0")


def test_a_rule_that_is_not_installed_leaves_the_node_to_root(tree: Tree) -> None:
    (tree.root / "usr/lib/udev/rules.d" / RULES).unlink()
    tree.plug(JABRA)
    found = _found(tree, _running(tree))
    assert list(found) == ["rules_not_installed", "node_denied"]
    assert "callseat may not open it: crw------- root:root" in found["node_denied"].message
    step = found["rules_not_installed"].next_step
    assert str(our_file("rules.d", RULES)) in step
    assert "udevadm trigger" in step


def test_a_rule_that_was_not_applied_to_this_node(tree: Tree) -> None:
    tree.plug(JABRA)
    found = _found(tree, _running(tree))
    assert list(found) == ["rules_not_applied", "node_denied"]
    assert found["rules_not_applied"].message == "crw------- root:root, not group plugdev"


def test_a_rule_of_another_callseat(tree: Tree) -> None:
    _headset(tree)
    tree.install(f"etc/udev/rules.d/{RULES}", "# an old one\n")
    found = _found(tree, _running(tree, EVOLVE))
    assert list(found) == ["rules_differ"]
    assert found["rules_differ"].place.endswith(f"/etc/udev/rules.d/{RULES}")
    assert found["rules_differ"].next_step.split()[5].endswith(f"/etc/udev/rules.d/{RULES}")


def test_the_daemons_user_is_not_in_the_group(tree: Tree) -> None:
    _headset(tree)
    tree.members("tech")
    found = _found(tree, _running(tree, groups=()))
    assert list(found) == ["group_missing"]
    assert found["group_missing"].next_step == (
        "`sudo usermod -aG plugdev callseat`, then `sudo systemctl restart callseat`"
    )


def test_the_daemons_user_joined_the_group_after_it_started(tree: Tree) -> None:
    _headset(tree)
    found = _found(tree, _running(tree, groups=()))
    assert list(found) == ["login_needed"]
    assert "callseat has joined plugdev since" in found["login_needed"].message
    assert found["login_needed"].next_step == "`sudo systemctl restart callseat`"


def test_without_a_daemon_the_units_user_is_judged(tree: Tree) -> None:
    _headset(tree)
    assert list(_found(tree, ABSENT)) == ["daemon_not_running"]
    tree.members("")
    assert list(_found(tree, ABSENT)) == ["daemon_not_running", "group_missing"]


def test_without_the_units_user_the_technician_is_judged(tree: Tree) -> None:
    _headset(tree)
    tree.install("etc/passwd", f"tech:x:{AGENT_UID}:{AGENT_UID}::/home/tech:/bin/bash\n")
    tree.members("tech")
    found = _found(tree, ABSENT)
    assert found["login_needed"].next_step == "log out and in again"
    assert "tech may not open it" in found["login_needed"].message


def test_a_group_that_may_only_read(tree: Tree) -> None:
    _headset(tree).chmod(0o640)
    assert list(_found(tree, _running(tree))) == ["node_denied"]


# rules and keys ---------------------------------------------------------------------------------------


def test_a_mute_key_the_kernel_types_as_well(tree: Tree) -> None:
    tree.twin(_headset(tree))
    daemon = _running(tree, EVOLVE)
    found = _found(tree, daemon)
    assert list(found) == ["hwdb_not_applied"]
    assert found["hwdb_not_applied"].place == "/dev/input/event5"
    assert "hwdb was not applied to it" in found["hwdb_not_applied"].message
    (tree.root / "usr/lib/udev/hwdb.bin").unlink()
    assert list(_found(tree, daemon)) == ["hwdb_not_compiled"]
    (tree.root / "usr/lib/udev/hwdb.d" / HWDB).unlink()
    step = _found(tree, daemon)["hwdb_not_installed"].next_step
    assert "systemd-hwdb update" in step
    assert "--action=change /dev/input/event5" in step


def test_a_key_that_types_though_it_was_told_not_to(tree: Tree) -> None:
    tree.twin(_headset(tree), told="reserved")
    assert "hwdb_not_applied" not in _found(tree, _running(tree, EVOLVE))


def test_a_missing_hwdb_is_no_matter_where_nothing_leaks(tree: Tree) -> None:
    (tree.root / "usr/lib/udev/hwdb.d" / HWDB).unlink()
    tree.twin(_headset(tree), "0")
    assert _found(tree, _running(tree, EVOLVE)) == {}


# the kernel -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("driver", "release", "product", "kind", "word"),
    [
        ("", 0x0110, 0x0412, "kernel_ignores", "release 0110; the kernel takes 0111"),
        ("", 0x0111, 0x0412, "no_driver", "has no driver"),
        ("usbfs", 0x0100, 0x0307, "taken_from_kernel", "libusb"),
        ("usbhid", 0x0100, 0x0307, "no_hidraw", "bound to usbhid"),
    ],
)
def test_an_interface_without_a_node(
    tree: Tree, driver: str, release: int, product: int, kind: str, word: str
) -> None:
    tree.interface(0x0B0E, product, driver=driver, release=release, name="Speak")
    found = _found(tree, _running(tree))
    assert list(found) == ["no_headset", kind]
    assert word in found[kind].message
    assert found[kind].place == "1-1.2:1.3"


# other programs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "word"),
    [("chrome", ", a browser: a page uses WebHID,"), ("JabraDirect", ", Jabra's own program,"), ("cat", "")],
)
def test_another_program_has_the_node_open(tree: Tree, name: str, word: str) -> None:
    node = _headset(tree)
    tree.process(80, name, AGENT_UID, [], node)
    daemon = _running(tree, EVOLVE)
    (tree.root / f"proc/{DAEMON}/fd/9").symlink_to(node)
    found = _found(tree, daemon)
    assert list(found) == ["other_opener"]
    assert found["other_opener"].message == f"{name} (process 80 of tech){word} has it open"
    assert found["other_opener"].next_step.endswith("`ps -fp 80` says what it is")


def test_what_could_not_be_seen_is_said(tree: Tree) -> None:
    _headset(tree)
    facts = replace(_facts(tree, _running(tree, EVOLVE)), unseen_processes=12)
    (note,) = judge(facts)
    assert note.kind.kind == "processes_unseen"
    assert "12 processes" in note.message
    assert note.kind.severity is Severity.NOTE


# what a device is -------------------------------------------------------------------------------------


def test_devices_that_are_no_headsets_are_noted_and_left_alone(tree: Tree) -> None:
    _headset(tree)
    for number, model in enumerate((BRIO, G535, KITTY), start=1):
        tree.plug(model, number, f"1-{number}")
    found = judge(_facts(tree, _running(tree, EVOLVE)))
    told = {each.place.rpartition("/")[2]: each.kind.kind for each in found}
    assert told == {
        "hidraw1": "not_call_control",
        "hidraw2": "not_call_control",
        "hidraw3": "telephony_empty",
    }
    assert {each.kind.severity for each in found} == {Severity.NOTE}


def test_a_named_device_that_cannot_control_calls(tree: Tree) -> None:
    tree.plug(G535)
    wanted = Wanted((Pins(DeviceId("h"), vendor_id=0x046D),), path=Path("/etc/callseat/callseat.toml"))
    found = _found(tree, _running(tree), wanted)
    assert "pinned_unusable" in found
    assert found["pinned_unusable"].message.startswith("headset h is Logitech G535")
    assert "/etc/callseat/callseat.toml" in found["pinned_unusable"].next_step


def test_a_named_headset_that_is_not_plugged_in(tree: Tree) -> None:
    found = _found(tree, _running(tree), Wanted((PIN,)))
    assert list(found) == ["pinned_absent", "no_headset"]
    assert found["pinned_absent"].place == "headset"


def test_a_headset_named_by_a_link_is_followed_without_a_seat_too(tree: Tree) -> None:
    node = _headset(tree)
    link = tree.root / "dev/headset"
    link.symlink_to(node.name)
    wanted = Wanted((Pins(DeviceId("h"), path=link),))
    assert "pinned_absent" not in _found(tree, ABSENT, wanted)


def test_a_descriptor_that_is_cut(tree: Tree) -> None:
    _headset(tree)
    (described,) = (tree.root / "sys/devices").rglob("report_descriptor")
    described.write_bytes(described.read_bytes()[:41])
    assert list(_found(tree, _running(tree))) == ["no_headset", "descriptor_broken"]


def test_two_nodes_nothing_tells_apart(tree: Tree) -> None:
    _headset(tree)
    facts = _facts(tree, _running(tree, EVOLVE))
    (found,) = judge(replace(facts, nodes=facts.nodes * 2))
    assert found.kind.kind == "same_identity"
    assert found.place == EVOLVE


# the seat ---------------------------------------------------------------------------------------------


def test_a_headset_the_daemon_did_not_take(tree: Tree) -> None:
    _headset(tree)
    found = _found(tree, _running(tree))
    assert list(found) == ["not_taken"]
    assert "journalctl -u callseat" in found["not_taken"].next_step


def test_a_headset_the_configuration_leaves_alone(tree: Tree) -> None:
    _headset(tree)
    found = _found(tree, _running(tree), Wanted(adopt=False))
    assert list(found) == ["not_adopted"]
    assert "adopt is false" in found["not_adopted"].message


def test_the_running_seat_knows_best_which_node_is_whose(tree: Tree) -> None:
    node = _headset(tree)
    told = {"nodes": {"left": str(node)}, "left": []}
    daemon = _running(tree, "left", headsets=told)
    (fact,) = _facts(tree, daemon).nodes
    assert (fact.device, fact.attached, fact.pinned) == ("left", True, True)
    told = {"nodes": {}, "left": [{"node": str(node), "reason": "nobody needs it"}]}
    (fact,) = _facts(tree, replace(daemon, info=daemon.info | {"headsets": told})).nodes
    assert (fact.device, fact.attached, fact.left) == ("", False, "nobody needs it")


def test_a_configuration_that_cannot_be_used(tree: Tree) -> None:
    _headset(tree)
    wanted = Wanted(
        path=Path("/etc/callseat/callseat.toml"), error="line 3: ...", record_problems=("/a.toml: x",)
    )
    found = _found(tree, ABSENT, wanted)
    assert list(found) == ["config_unusable", "record_unusable", "daemon_not_running"]
    assert found["config_unusable"].next_step == "`callseat config check /etc/callseat/callseat.toml`"
    assert found["record_unusable"].place == "/a.toml"


def test_what_the_daemon_says_of_a_headset(tree: Tree) -> None:
    _headset(tree)
    acks = {EVOLVE: {"count": 9, "p50": 2.0, "p99": 75.4, "max": 80.0}}
    daemon = _running(tree, EVOLVE, losses={EVOLVE: 3, "desk": 2}, ack_ms=acks, ignored_reports={EVOLVE: 4})
    daemon.devices[EVOLVE].update(holder="softphone", contended="hook dropped 3 ms after a mute write")
    found = _found(tree, daemon)
    assert list(found) == ["keeps_dropping", "contended", "slow_ack", "wrong_length", "held"]
    assert found["held"].message == "held by softphone"
    assert "75 ms" in found["slow_ack"].message
    assert "3 times" in found["keeps_dropping"].message


# the table --------------------------------------------------------------------------------------------


def test_faults_come_before_notes_and_every_kind_says_why_and_what_next() -> None:
    severities = [kind.severity for kind in KINDS.values()]
    assert severities == sorted(severities)
    for kind in KINDS.values():
        assert len(kind.why) > 15, kind.kind
        assert len(kind.next_step) > 10 or kind.next_step == "{again}", kind.kind


def test_a_finding_as_json(tree: Tree) -> None:
    told = _found(tree, ABSENT)["no_headset"].as_json()
    assert list(told) == ["kind", "severity", "place", "message", "why", "next"]
    assert (told["kind"], told["severity"]) == ("no_headset", "fault")
