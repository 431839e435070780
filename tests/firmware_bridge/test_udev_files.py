"""What udev was told, and the keyboard twin of a headset."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from firmware_bridge.udev_files import (
    KEY_MICMUTE,
    KeyTwin,
    device_properties,
    find_file,
    has_key,
    is_compiled,
    key_twins,
)
from tests.callseat.diagnosis.tree import JABRA, MIC_MUTE_KEYS, Tree


def test_the_first_folder_wins(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    assert find_file("rules.d", "70-callseat.rules", tmp_path) is None
    packaged = tree.install("usr/lib/udev/rules.d/70-callseat.rules", "old")
    assert find_file("rules.d", "70-callseat.rules", tmp_path) == packaged
    own = tree.install("etc/udev/rules.d/70-callseat.rules", "new")
    assert find_file("rules.d", "70-callseat.rules", tmp_path) == own
    assert find_file("hwdb.d", "70-callseat.rules", tmp_path) is None


def test_a_hwdb_is_compiled_when_the_database_is_younger(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    source = tree.install("etc/udev/hwdb.d/70-callseat.hwdb", "evdev:*")
    assert not is_compiled(source, tmp_path)
    compiled = tree.install("usr/lib/udev/hwdb.bin", "")
    second = source.stat().st_ctime_ns // 1_000_000_000
    os.utime(compiled, (second - 10, second - 10))
    os.utime(source, (second - 1000, second - 1000))
    assert not is_compiled(source, tmp_path), "the date inside the package is not the day it was installed"
    os.utime(compiled, (second + 10, second + 10))
    assert is_compiled(source, tmp_path)


@pytest.mark.parametrize(
    ("bitmap", "bits", "typed"),
    [
        (MIC_MUTE_KEYS, 64, True),
        ("1000000 0 0 0 0 0 0 0", 32, True),
        ("0 0 0 0", 64, False),
        ("feffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff", 64, False),
        ("100000000000000", 64, False),
        ("", 64, False),
        ("rubbish 0 0 0", 64, False),
    ],
)
def test_a_key_in_a_bitmap(bitmap: str, bits: int, typed: bool) -> None:
    assert has_key(bitmap, KEY_MICMUTE, bits) is typed


def test_the_twin_of_a_headset_and_what_udev_told_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    node = tree.plug(JABRA)
    assert key_twins("hidraw0", tmp_path) == ()
    tree.twin(node)
    assert key_twins("hidraw0", tmp_path) == (KeyTwin("event5", True, ""),)
    tree.twin(node, "0", told="reserved", number=6)
    assert key_twins("hidraw0", tmp_path)[1] == KeyTwin("event6", False, "reserved")
    assert key_twins("hidraw9", tmp_path) == ()


def test_a_twin_that_goes_meanwhile_is_left_out(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.twin(tree.plug(JABRA))
    next((tmp_path / "sys").rglob("event5/dev")).unlink()
    assert key_twins("hidraw0", tmp_path) == ()


def test_properties_are_lines_that_begin_with_e(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.install("run/udev/data/c13:70", "I:17\nE:NAME=a=b\nG:seat\nE:EMPTY=\nE\n")
    assert device_properties("c13:70", tmp_path) == {"NAME": "a=b", "EMPTY": ""}
    assert device_properties("c13:71", tmp_path) == {}
