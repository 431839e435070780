"""The project file, the locks and the wheel say the same thing, and none names a registry."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from script.house_rules import ROOMS
from tests.support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements/run.lock", "requirements/dev.lock")


def bare(requirement: str) -> str:
    """The normalised name of a requirement line."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def locked(lock: str) -> dict[str, set[str]]:
    """Package to versions, of one lock."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE
    ):
        versions.setdefault(bare(name), set()).add(version)
    return versions


def test_the_same_rooms_are_shipped_linted_and_measured() -> None:
    assert tuple(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == ROOMS
    assert tuple(PROJECT["tool"]["importlinter"]["root_packages"]) == ROOMS
    assert f"rooms=({' '.join(ROOMS)})" in (ROOT / "script/lint").read_text(encoding="utf-8")


def test_every_silenced_lint_rule_has_its_reason_beside_it() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    lint = lines[lines.index("[tool.ruff.lint]") : lines.index("[tool.ruff.lint.flake8-tidy-imports]")]
    silenced = [line for line in lint if re.match(r'\s+"[A-Z]+[0-9]*",(\s|$)', line) and line.count('"') == 2]
    assert len(silenced) >= len(PROJECT["tool"]["ruff"]["lint"]["ignore"])
    assert [line for line in silenced if not re.search(r"#\s+\w+.*\w", line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_packages_and_hashes_only(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pattern = r"[a-z0-9-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?"
    assert [line for line in text.splitlines() if not re.fullmatch(pattern, line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_serves_both_pythons_and_both_machines(lock: str) -> None:
    """numpy dropped 3.11 after 2.4: both versions are there, each with a wheel for amd64 and arm64."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text)
    numpy = [block for block in blocks if block.startswith("numpy==")]
    assert len(numpy) == 2
    assert all(block.count("--hash=") > 20 for block in numpy)


def test_locks_cover_what_the_project_asks_for_and_agree() -> None:
    run, dev = (locked(lock) for lock in LOCKS)
    wanted = {bare(requirement) for requirement in PROJECT["project"]["dependencies"]}
    wanted_dev = {bare(requirement) for requirement in PROJECT["project"]["optional-dependencies"]["dev"]}
    assert wanted <= run.keys()
    assert wanted | wanted_dev <= dev.keys()
    assert {name: dev[name] for name in run} == run


def test_the_wheel_ships_the_rooms_alone_and_a_command(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    ran = subprocess.run(build, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        names = archive.namelist()

    ours = "callseat-0.1.0"
    assert {name.split("/")[0] for name in names} == {*ROOMS, f"{ours}.dist-info", f"{ours}.data"}
    (found,) = metadata.distributions(path=[str(tmp_path / "site")])
    (command,) = found.entry_points
    assert (command.name, command.value) == ("callseat", "callseat.__main__:main")
    assert f"{ours}.dist-info/licenses/LICENSE" in names

    expected = {path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == expected


def test_the_wheel_carries_the_systemd_files() -> None:
    shipped = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert all((ROOT / source).is_file() or source == "sound" for source in shipped)
    assert {Path(source).suffix for source in shipped} >= {".service", ".sysusers", ".modules-load"}
