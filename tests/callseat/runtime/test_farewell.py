"""The farewell file: what it says at every moment, what it survives, and that the loop never waits for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from callseat.ports import Farewell as FarewellPort
from callseat.runtime import farewell as farewell_module
from callseat.runtime.farewell import (
    MAX_FILE_BYTES,
    Farewell,
    FarewellFile,
    Owner,
    encode,
    farewell_path,
    owner_of,
    read_farewells,
)
from devices.hid.engine import HeadsetEngine
from devices.simulated.headset import SimulatedHeadset
from firmware_bridge.inventory import USB_BUS, HidNode
from state.commands import Lamps, SetLamps
from state.engine import Write
from state.errors import ConfigError
from tests.devices.hid.descriptors import ANKER, BLACKWIRE, JABRA, WITH_LAMPS, load

RING_OFF = (Write(b"\x02\x01\x00"), Write(b"\x05\x00", "feature"))
JABRA_IDS = (0x0B0E, 0x0307)
IDENTITY = "0b0e:0307:A1:1-2"


def node(number: int, ids: tuple[int, int] = JABRA_IDS, serial: str = "A1", place: str = "1-2") -> HidNode:
    return HidNode(Path(f"/dev/hidraw{number}"), USB_BUS, *ids, "headset", serial, place, 3, b"")


N0, N1, N2 = node(0), node(1, serial="B2", place="1-3"), node(2, (0x047F, 0x02E6), "", "1-4")


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "farewell.json"


def kept(path: Path) -> dict[str, Farewell]:
    farewells, _ = read_farewells(path)
    return {each.device: each for each in farewells}


def test_it_is_what_the_ports_ask_for(path: Path) -> None:
    port: FarewellPort = FarewellFile(path)
    port.set("h1", N0, RING_OFF)
    port.drop("h1")
    port.drop("nobody")
    assert isinstance(port, FarewellFile)
    port.close()
    assert not path.exists()


def test_nothing_is_written_and_no_thread_made_before_a_device_is_open(path: Path) -> None:
    file = FarewellFile(path)
    file.drop("h1")
    file.close()
    assert list(path.parent.iterdir()) == []
    assert file._pool is None


def test_what_is_set_is_read_back(path: Path) -> None:
    file = FarewellFile(path)
    file.set("h1", N0, RING_OFF)
    file.set("h2", N2, RING_OFF[:1])
    file.close()
    farewells, owner = read_farewells(path)
    assert farewells == (
        Farewell("h1", Path("/dev/hidraw0"), IDENTITY, RING_OFF),
        Farewell("h2", Path("/dev/hidraw2"), "047f:02e6::1-4", RING_OFF[:1]),
    )
    assert owner == owner_of(os.getpid())
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_last_word_holds_and_a_dropped_device_is_forgotten(path: Path) -> None:
    file = FarewellFile(path)
    for value in range(50):
        file.set("h1", N0, (Write(bytes((2, value))),))
    file.set("h2", N1, RING_OFF)
    file.drop("h2")
    file.close()
    assert kept(path) == {"h1": Farewell("h1", Path("/dev/hidraw0"), IDENTITY, (Write(b"\x02\x31"),))}


def test_without_devices_there_is_no_file(path: Path) -> None:
    file = FarewellFile(path)
    file.set("h1", N0, RING_OFF)
    file.close()
    assert path.exists()
    file.drop("h1")
    file.close()
    assert not path.exists()


def test_the_same_again_is_not_written_again(path: Path) -> None:
    file = FarewellFile(path)
    file.set("h1", N0, RING_OFF)
    file.close()
    file.set("h1", N0, tuple(RING_OFF))
    assert file._pool is None


def test_a_device_on_another_node_is_kept_with_that_node(path: Path) -> None:
    file = FarewellFile(path)
    file.set("h1", N0, RING_OFF)
    file.set("h1", N1, RING_OFF)
    file.close()
    assert kept(path)["h1"] == Farewell("h1", N1.path, "0b0e:0307:B2:1-3", RING_OFF)


def test_setting_never_waits_for_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread hangs in the first write; all set meanwhile is taken, only the newest is written."""
    may_go_on, written = Event(), []

    def slow(farewells: tuple[Farewell, ...], owner: Owner | None) -> bytes:
        written.append(farewells)
        may_go_on.wait()
        return encode(farewells, owner)

    monkeypatch.setattr(farewell_module, "encode", slow)
    file = FarewellFile(path)
    for value in range(100):
        file.set("h1", N0, (Write(bytes((2, value))),))
    may_go_on.set()
    file.close()
    assert kept(path)["h1"].reports == (Write(b"\x02\x63"),)
    assert len(written) <= 2


def test_a_place_that_cannot_be_written_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = FarewellFile(tmp_path / "none" / "farewell.json")
    file.set("h1", N0, RING_OFF)
    file.close()
    file.set("h1", N0, RING_OFF[:1])
    file.close()
    assert len(caplog.records) == 1
    assert "farewell.json: cannot be written: No such file or directory" in caplog.text
    (tmp_path / "none").mkdir()
    file.drop("h1")
    file.set("h1", N0, RING_OFF)
    file.close()
    assert kept(tmp_path / "none" / "farewell.json").keys() == {"h1"}


def test_a_killed_process_leaves_its_file(path: Path) -> None:
    """Whole: it is put in place by one rename."""
    program = (
        "import os, signal, sys; from pathlib import Path; from state.engine import Write\n"
        "from callseat.runtime.farewell import FarewellFile\n"
        "from firmware_bridge.inventory import HidNode\n"
        "node = HidNode(Path('/dev/hidraw0'), 3, 0x0b0e, 0x0307, 'headset', 'A1', '1-2', 3, b'')\n"
        "file = FarewellFile(Path(sys.argv[1]))\n"
        "file.set('h1', node, (Write(b'\\x02\\x01\\x00'),))\n"
        "file.close(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ran.returncode < 0
    farewells, owner = read_farewells(path)
    assert farewells == (Farewell("h1", Path("/dev/hidraw0"), IDENTITY, RING_OFF[:1]),)
    assert owner is not None
    assert owner_of(owner.pid) != owner


# what the engine says --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_an_engines_farewell_stops_the_ring_and_keeps_mute_and_call(name: str, path: Path) -> None:
    device = load(name)
    engine = HeadsetEngine("h1", device.descriptor, device.model)
    headset = SimulatedHeadset(device.descriptor, model=device.model)
    for lamps in (Lamps(off_hook=True), Lamps(off_hook=True, mute=True, ring=True)):
        for write in engine.request(SetLamps(lamps), 1.0).writes:
            headset.feed(write.data, 1.0, write.via)
    before = headset.lamps
    file = FarewellFile(path)
    file.set("h1", node(0, (device.vendor_id, device.product_id)), engine.farewell())
    file.close()
    for write in kept(path)["h1"].reports:
        headset.feed(write.data, 2.0, write.via)
    assert not headset.lamps.ring
    assert (headset.lamps.off_hook, headset.lamps.mute) == (before.off_hook, before.mute)


# reading ---------------------------------------------------------------------------------------------------

GOOD = encode((Farewell("h1", Path("/dev/hidraw0"), IDENTITY, RING_OFF),), Owner(7, 99))


def test_the_file_word_by_word() -> None:
    assert json.loads(GOOD) == {
        "version": 1,
        "owner": {"pid": 7, "started": 99},
        "devices": [
            {
                "device": "h1",
                "node": "/dev/hidraw0",
                "identity": IDENTITY,
                "reports": [{"via": "output", "hex": "020100"}, {"via": "feature", "hex": "0500"}],
            }
        ],
    }
    assert json.loads(encode((), None)) == {"version": 1, "owner": None, "devices": []}


def test_every_cut_of_a_file_and_what_is_behind_it_is_refused(path: Path) -> None:
    for data in [*(GOOD[:end] for end in range(len(GOOD))), GOOD + b"x", GOOD + GOOD]:
        path.write_bytes(data)
        with pytest.raises(ConfigError, match=r"farewell\.json: not a farewell of callseat"):
            read_farewells(path)
    path.write_bytes(GOOD + b"\n")
    assert len(read_farewells(path)[0]) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version": 1', b'"version": 2'),
        (b'"output"', b'"input"'),
        (b'"020100"', b'"02010"'),
        (b'"020100"', b'""'),
        (b'"020100"', b"7"),
        (b'"pid": 7', b'"pid": "x"'),
        (b'"devices"', b'"others"'),
        (b'"/dev/hidraw0"', b"5"),
        (b'{"pid": 7, "started": 99}', b"[]"),
    ],
)
def test_a_file_that_says_something_else_is_refused(old: bytes, new: bytes, path: Path) -> None:
    assert old in GOOD
    path.write_bytes(GOOD.replace(old, new))
    with pytest.raises(ConfigError, match="not a farewell of callseat"):
        read_farewells(path)


@pytest.mark.parametrize(
    "data", [b"\xff", b"[]", b"1", b"null", b"[" * 60_000, b" " * (MAX_FILE_BYTES + 1), b'{"version": 1}']
)
def test_bytes_that_are_no_file_of_ours_are_refused(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="not a farewell of callseat"):
        read_farewells(path)


def test_no_file_and_an_unreadable_one_are_told_apart(path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file: no headset was left behind"):
        read_farewells(path)
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_farewells(path)


# whose it is -----------------------------------------------------------------------------------------------


def test_a_process_is_told_apart_by_its_start(tmp_path: Path) -> None:
    place = tmp_path / "12"
    place.mkdir()
    before = " ".join(["S", *(str(n) for n in range(4, 22))])
    (place / "stat").write_text(f"12 (a) b (c) {before} 4711 0 0\n", encoding="utf-8")
    assert owner_of(12, tmp_path) == Owner(12, 4711)
    assert owner_of(13, tmp_path) is None
    (place / "stat").write_text("12 (cut", encoding="utf-8")
    assert owner_of(12, tmp_path) is None


def test_this_process_is_itself() -> None:
    mine = owner_of(os.getpid())
    assert mine is not None
    assert mine.started > 0
    assert owner_of(os.getpid()) == mine


def test_the_file_is_beside_the_default_socket(tmp_path: Path) -> None:
    assert farewell_path({"XDG_RUNTIME_DIR": str(tmp_path)}) in (
        tmp_path / "callseat" / "farewell.json",
        Path("/run/callseat/farewell.json"),
    )


def test_names_of_headsets_used_here_are_real() -> None:
    assert {ANKER, BLACKWIRE, JABRA} <= set(WITH_LAMPS)
