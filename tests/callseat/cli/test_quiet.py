"""`callseat devices quiet`: headsets of a killed seat stop ringing, whatever else is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from callseat.cli.quiet import hush
from callseat.runtime.farewell import Farewell, FarewellFile, Owner, encode, owner_of
from devices.hid.engine import HeadsetEngine
from devices.simulated.headset import SimulatedHeadset
from firmware_bridge.inventory import list_hid_nodes
from firmware_bridge.parting import write_reports
from state.commands import Lamps, SetLamps
from state.engine import Write
from state.errors import TransportError, TransportReason
from tests.devices.hid.descriptors import JABRA, load
from tests.firmware_bridge.hid_tree import HidTree, heard
from tests.support import ROOT

DEAD = Owner(os.getpid(), 1)
"""This process's number, as an earlier process had it."""
H1 = Farewell("h1", Path("/dev/hidraw0"), "0b0e:0307:A1:1-2", (Write(b"\x02\x01\x00"),))
H2 = Farewell("h2", Path("/dev/hidraw1"), "047f:02e6::1-3", (Write(b"\x22\x00"), Write(b"\x21\x00")))


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "farewell.json"


def leave(path: Path, *farewells: Farewell, owner: Owner | None = DEAD) -> Path:
    path.write_bytes(encode(farewells, owner))
    return path


def test_every_device_is_told_and_the_file_is_gone(path: Path) -> None:
    told: list[Farewell] = []
    lines = list(hush(leave(path, H1, H2), told.append))
    assert sorted(told, key=lambda each: each.device) == [H1, H2]
    assert lines == ["h1 (/dev/hidraw0): quiet, 1 reports", "h2 (/dev/hidraw1): quiet, 2 reports"]
    assert not path.exists()


def test_a_device_that_left_does_not_keep_the_others_ringing(path: Path) -> None:
    def write(farewell: Farewell) -> None:
        if farewell is not H2 and farewell.device == "h1":
            raise TransportError(TransportReason.GONE, "/dev/hidraw0: No such device")

    assert list(hush(leave(path, H1, H2), write)) == [
        "h1 (/dev/hidraw0): /dev/hidraw0: No such device",
        "h2 (/dev/hidraw1): quiet, 2 reports",
    ]
    assert not path.exists()


def test_a_device_that_hangs_does_not_hold_up_the_stop(path: Path) -> None:
    for_ever = Event()

    def write(farewell: Farewell) -> None:
        if farewell.device == "h1":
            for_ever.wait()

    try:
        # h2 answers, h1 cannot; nothing is asserted of how long that takes.
        lines = list(hush(leave(path, H1, H2), write, patience_s=0.01))
    finally:
        for_ever.set()
    assert lines[0] == "h1 (/dev/hidraw0): no answer within 0.01 s; unplug the headset"
    assert not path.exists()


def test_a_running_seat_looks_after_its_headsets_itself(path: Path) -> None:
    told: list[Farewell] = []
    (line,) = hush(leave(path, H1, owner=owner_of(os.getpid())), told.append)
    assert line == f"{path}: the seat is running (process {os.getpid()}): it looks after its headsets itself"
    assert told == []
    assert path.exists()


@pytest.mark.parametrize("owner", [None, DEAD, Owner(2**22 + 1, 5)])
def test_a_dead_seat_or_an_unknown_one_does_not(owner: Owner | None, path: Path) -> None:
    told: list[Farewell] = []
    list(hush(leave(path, H1, owner=owner), told.append))
    assert told == [H1]


def test_without_a_file_or_with_one_of_somebody_else_it_says_so_and_leaves_it(path: Path) -> None:
    assert list(hush(path)) == [f"{path}: no such file: no headset was left behind"]
    path.write_text("{", encoding="utf-8")
    (line,) = hush(path)
    assert line.startswith(f"{path}: not a farewell of callseat")
    assert path.read_text(encoding="utf-8") == "{"
    path.unlink()
    path.mkdir()
    (line,) = hush(path)
    assert line == f"{path}: cannot be read: Is a directory"


# from the engine to the device -----------------------------------------------------------------------------


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> HidTree:
    return HidTree(tmp_path)


@pytest.fixture(name="ear")
def _ear(tree: HidTree) -> Iterator[int]:
    tree.plug("hidraw0", (0x0B0E, 0x0307), "A1")
    fd = tree.listen("hidraw0")
    yield fd
    os.close(fd)


def ring(tree: HidTree, path: Path) -> SimulatedHeadset:
    """A headset that rings, muted, in a call, on hidraw0; its daemon is killed."""
    device = load(JABRA)
    engine = HeadsetEngine("h1", device.descriptor, device.model)
    headset = SimulatedHeadset(device.descriptor, model=device.model)
    for lamps in (Lamps(off_hook=True), Lamps(off_hook=True, mute=True, ring=True)):
        for write in engine.request(SetLamps(lamps), 1.0).writes:
            headset.feed(write.data, 1.0, write.via)
    assert headset.lamps.ring
    file = FarewellFile(path)
    (node,) = list_hid_nodes(tree.system, tree.node("hidraw0").parent)
    file.set("h1", node, engine.farewell())
    file.close()
    path.write_bytes(path.read_bytes().replace(f'"pid": {os.getpid()}'.encode(), b'"pid": 1'))
    return headset


def hush_tree(tree: HidTree, path: Path) -> list[str]:
    def write(farewell: Farewell) -> None:
        write_reports(
            farewell.node, farewell.identity, farewell.reports, tree.system, lambda _fd: (0x0B0E, 0x0307)
        )

    return list(hush(path, write))


def test_a_killed_seat_stops_ringing_and_stays_muted_and_in_its_call(
    tree: HidTree, ear: int, path: Path
) -> None:
    headset = ring(tree, path)
    assert hush_tree(tree, path) == [f"h1 ({tree.node('hidraw0')}): quiet, 1 reports"]
    headset.feed(heard(ear), 2.0, "output")
    lamps = headset.lamps
    assert (lamps.ring, lamps.mute, lamps.off_hook) == (False, True, True)


def test_another_headset_of_the_model_on_the_same_node_is_left_alone(
    tree: HidTree, ear: int, path: Path
) -> None:
    ring(tree, path)
    tree.plug("hidraw0", (0x0B0E, 0x0307), "B2")
    (line,) = hush_tree(tree, path)
    assert "0b0e:0307:A1:1-2 has left, 0b0e:0307:B2:1-2 is there now" in line
    assert heard(ear) == b""
    assert not path.exists()


# the command -----------------------------------------------------------------------------------------------


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callseat", "devices", "quiet", *words],
        cwd=ROOT,
        env=dict(os.environ) | settings,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_command_ends_well_whatever_it_finds(path: Path) -> None:
    ran = run("--file", str(path))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{path}: no such file: no headset was left behind\n"
    leave(path, Farewell("h1", path.parent / "hidraw77", "0b0e:0307:A1:1-2", H1.reports), owner=None)
    ran = run("--file", str(path))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (f"h1 ({path.parent}/hidraw77): {path.parent}/hidraw77: No such file or directory\n")
    assert not path.exists()


def test_by_default_it_looks_where_the_daemon_writes(tmp_path: Path) -> None:
    ran = run(XDG_RUNTIME_DIR=str(tmp_path))
    assert ran.returncode == 0
    assert "farewell.json: no such file" in ran.stdout
