"""The systemd files keep what was learned about devices: rights by class, hot-plug by netlink."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from callseat.api.paths import SYSTEM_DIRECTORY
from callseat.cli.quiet import PATIENCE_S
from devices.system_files import DEVICE_CLASSES
from tests.support import ROOT


@pytest.fixture(name="unit")
def _unit() -> dict[str, list[str]]:
    """`Section.Key` to its values, in order (systemd lets a key come more than once)."""
    values: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in (ROOT / "udev/callseat.service").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            values[f"{section}.{key}"].append(value)
    return values


def modules() -> set[str]:
    lines = (ROOT / "udev/callseat.modules-load").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_the_daemon_tells_systemd_that_it_lives(unit: dict[str, list[str]]) -> None:
    assert unit["Service.Type"] == ["notify"]
    assert int(unit["Service.WatchdogSec"][0]) > 0
    assert unit["Service.Restart"] == ["always"]


def test_devices_are_allowed_by_class_and_their_modules_are_loaded_first(unit: dict[str, list[str]]) -> None:
    allowed = {value.split()[0] for value in unit["Service.DeviceAllow"]}
    assert allowed == DEVICE_CLASSES.keys()
    assert modules() == set(DEVICE_CLASSES.values())
    for module in DEVICE_CLASSES.values():
        assert f"modprobe@{module}.service" in unit["Unit.Wants"][0].split()
        assert f"modprobe@{module}.service" in unit["Unit.After"][0].split()
    assert "systemd-modules-load.service" in unit["Unit.After"][0].split()


def test_a_killed_daemon_leaves_no_headset_ringing(unit: dict[str, list[str]]) -> None:
    """The helper runs after every stop, may fail, and finds its file: the folder is cleared after it."""
    assert unit["Service.ExecStopPost"] == ["-/usr/bin/env callseat devices quiet"]
    assert "Service.RuntimeDirectoryPreserve" not in unit
    assert "char-hidraw rw" in unit["Service.DeviceAllow"]
    folder = Path("/run") / unit["Service.RuntimeDirectory"][0]
    assert folder == SYSTEM_DIRECTORY
    # It asks /proc whether the process that wrote the file is alive.
    assert unit.get("Service.ProtectProc", ["default"]) == ["default"]
    assert int(unit["Service.TimeoutStopSec"][0]) > PATIENCE_S


def test_hot_plug_and_device_nodes_stay_visible(unit: dict[str, list[str]]) -> None:
    families = unit["Service.RestrictAddressFamilies"][0].split()
    assert {"AF_UNIX", "AF_NETLINK"} <= set(families)
    assert "Service.PrivateDevices" not in unit
    assert "Service.PrivateNetwork" not in unit


def test_the_socket_belongs_to_the_group_and_rights_come_from_groups(unit: dict[str, list[str]]) -> None:
    assert unit["Service.RuntimeDirectory"] == ["callseat"]
    assert unit["Service.Group"] == ["callseat"]
    groups = set(unit["Service.SupplementaryGroups"][0].split())
    assert groups == {"audio", "dialout", "plugdev"}
    lines = (ROOT / "udev/callseat.sysusers").read_text(encoding="utf-8").splitlines()
    assert {line.split()[2] for line in lines if line.startswith("m callseat ")} == groups
    assert any(line.startswith("u callseat ") for line in lines)
