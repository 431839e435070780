"""Who has a node open: from a /proc a test brings, and from the real one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from firmware_bridge.openers import Opener, Openers, find_openers

HIDRAW0, HIDRAW1 = Path("/dev/hidraw0"), Path("/dev/hidraw1")


def _process(proc: Path, pid: int, name: str, *targets: str) -> Path:
    place = proc / str(pid)
    (place / "fd").mkdir(parents=True)
    (place / "comm").write_text(name + "\n", encoding="utf-8")
    (place / "status").write_text(f"Name:\t{name}\nUid:\t1000\t1001\t0\t0\n", encoding="utf-8")
    for number, target in enumerate(targets):
        (place / "fd" / str(number)).symlink_to(target)
    return place


def test_every_process_with_a_node_open_is_found_once(tmp_path: Path) -> None:
    _process(tmp_path, 20, "chrome", "/dev/null", "/dev/hidraw0", "/dev/hidraw0", "/dev/hidraw1")
    _process(tmp_path, 3, "sh", "/dev/tty", "pipe:[77]")
    (tmp_path / "self").mkdir()
    found = find_openers([HIDRAW0, HIDRAW1], tmp_path)
    assert found.unseen == 0
    assert found.found == (Opener(20, "chrome", 1001, HIDRAW0), Opener(20, "chrome", 1001, HIDRAW1))
    assert found.of(HIDRAW1) == (Opener(20, "chrome", 1001, HIDRAW1),)


def test_a_process_that_goes_meanwhile_is_left_out(tmp_path: Path) -> None:
    _process(tmp_path, 5, "gone", "/dev/hidraw0")
    (tmp_path / "5" / "comm").unlink()
    (tmp_path / "6").mkdir()
    assert find_openers([HIDRAW0], tmp_path) == Openers()


def test_what_may_not_be_looked_into_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _process(tmp_path, 5, "browser", "/dev/hidraw0")
    _process(tmp_path, 6, "daemon", "/dev/hidraw0")
    looked = os.listdir

    def listdir(folder: Path) -> list[str]:
        if folder.parent.name == "5":
            raise PermissionError
        return looked(folder)

    monkeypatch.setattr("firmware_bridge.openers.os.listdir", listdir)
    found = find_openers([HIDRAW0], tmp_path)
    assert found.unseen == 1
    assert [each.pid for each in found.found] == [6]


def test_our_own_process_is_found_in_the_real_proc(tmp_path: Path) -> None:
    node = tmp_path / "hidraw0"
    node.write_bytes(b"")
    with node.open("rb"):
        (mine,) = find_openers([node]).found
    assert (mine.pid, mine.uid, mine.node) == (os.getpid(), os.geteuid(), node)
    assert find_openers([node]).found == ()


def test_without_nodes_nobody_is_asked(tmp_path: Path) -> None:
    assert find_openers([], tmp_path / "nowhere") == Openers()
