"""Every generated file says what the code says and goes where the system looks; the key map compiles."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from devices import system_files
from devices.models import REGISTRY
from devices.system_files import HWDB_NAME, PHONE_MUTE_KEY, RULES_NAME
from script.generate_docs import PAGES, main, stale, write
from tests.support import ROOT

GENERATED = (
    "callseat.example.toml",
    "docs/api.md",
    "docs/configuration.md",
    "docs/scenarios.md",
    "docs/diagrams/states.md",
    "docs/headset-models.md",
    f"udev/{RULES_NAME}",
    f"udev/{HWDB_NAME}",
    "udev/callseat.modules-load",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_generated_file_is_current(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == PAGES[path](), "run script/generate"


def test_these_files_are_generated() -> None:
    assert set(GENERATED) <= PAGES.keys()


def test_a_changed_or_missing_file_is_told_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stale(tmp_path) == list(PAGES)
    assert write(tmp_path) == list(PAGES)
    assert stale(tmp_path) == []
    (tmp_path / "udev" / RULES_NAME).write_text("mine\n", encoding="utf-8")
    assert stale(tmp_path) == [f"udev/{RULES_NAME}"]
    assert write(tmp_path) == [f"udev/{RULES_NAME}"]
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_rules_and_key_map_are_shipped_where_udev_looks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shipped[f"udev/{RULES_NAME}"] == f"lib/udev/rules.d/{RULES_NAME}"
    assert shipped[f"udev/{HWDB_NAME}"] == f"lib/udev/hwdb.d/{HWDB_NAME}"
    udev = {path.relative_to(ROOT).as_posix() for path in (ROOT / "udev").iterdir()}
    assert {source for source in shipped if source.startswith("udev/")} == udev


@pytest.fixture(name="compiled")
def _compiled(tmp_path: Path) -> Path:
    """A root whose hwdb is ours, compiled, beside an entry as systemd ships it."""
    tool = shutil.which("systemd-hwdb")
    if tool is None:
        pytest.skip("systemd-hwdb (package udev) is not on this machine; the lab has it")
    ours, theirs = tmp_path / "etc/udev/hwdb.d", tmp_path / "usr/lib/udev/hwdb.d"
    ours.mkdir(parents=True)
    theirs.mkdir(parents=True)
    shutil.copy(ROOT / "udev" / HWDB_NAME, ours)
    (theirs / "60-keyboard.hwdb").write_text(
        f"evdev:input:b0003v413CpA506*\n {PHONE_MUTE_KEY}=micmute\n", encoding="utf-8"
    )
    subprocess.run([tool, f"--root={tmp_path}", "update", "--strict"], check=True)
    return tmp_path


def asked(root: Path, ids: str, bus: str = "0003") -> str:
    query = ["systemd-hwdb", f"--root={root}", "query", f"evdev:input:b{bus}{ids}e0111-e0,1,4"]
    return subprocess.run(query, check=True, capture_output=True, text=True).stdout.strip()


def test_the_mute_key_of_a_headset_is_no_key_of_the_desktop(compiled: Path) -> None:
    assert asked(compiled, "v0B0Ep0307") == f"{PHONE_MUTE_KEY}=reserved"
    assert asked(compiled, "v1234p5678") == f"{PHONE_MUTE_KEY}=reserved"
    assert asked(compiled, "v413CpA506") == f"{PHONE_MUTE_KEY}=reserved"
    assert asked(compiled, "v0B0Ep0307", bus="0005") == ""


def test_the_key_of_what_is_no_headset_stays_with_the_desktop(compiled: Path) -> None:
    decoys = [record for record in REGISTRY.records if record.call_control is False]
    assert len(decoys) >= 5
    for record in decoys:
        ids = f"v{record.vendor_id:04X}p{record.product_id:04X}"
        assert asked(compiled, ids) == f"{PHONE_MUTE_KEY}=micmute", record.name


def test_the_group_of_the_rules_is_one_the_daemon_has() -> None:
    unit = (ROOT / "udev/callseat.service").read_text(encoding="utf-8")
    groups = next(line for line in unit.splitlines() if line.startswith("SupplementaryGroups="))
    assert system_files.GROUP in groups.partition("=")[2].split()
