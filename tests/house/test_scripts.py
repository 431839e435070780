"""The scripts parse, refuse what they do not know, and set up once: tried on a copy with an empty lock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

SCRIPTS = sorted(path for path in (ROOT / "script").iterdir() if path.is_file() and path.suffix != ".py")
PROGRAMS = [*SCRIPTS, ROOT / ".ci/run"]


def run(*command: str | Path, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=dict(os.environ) | settings,
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_named_scripts_are_there() -> None:
    named = {"setup", "demo", "test", "lint", "lab", "bench", "callseat", "fresh"}
    assert named <= {path.name for path in SCRIPTS}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_a_script_is_executable_and_parses(program: Path) -> None:
    assert os.access(program, os.X_OK)
    assert program.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n# ")
    ran = run("bash", "-n", program)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", ["setup", "fresh"])
def test_an_unknown_option_is_named(name: str) -> None:
    ran = run(ROOT / "script" / name, "--wrong")
    assert ran.returncode == 2
    assert "--wrong" in ran.stderr


@pytest.mark.parametrize("name", ["setup", "fresh"])
def test_help_is_the_comment_at_the_top(name: str) -> None:
    ran = run(ROOT / "script" / name, "--help")
    assert ran.returncode == 0
    assert f"script/{name} [--" in ran.stdout
    assert "set -euo" not in ran.stdout


def test_bench_lists_what_there_is_and_names_what_there_is_not() -> None:
    names = run(ROOT / "script/bench", "--list").stdout.split()
    programs = [
        path for path in (ROOT / "tests/bench").glob("*.py") if "__main__" in path.read_text(encoding="utf-8")
    ]
    assert names == sorted(path.stem for path in programs) != []
    ran = run(ROOT / "script/bench", "no_such_thing")
    assert ran.returncode == 2
    assert "no_such_thing" in ran.stderr


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Path:
    """A checkout whose locks ask for nothing, so that setting up needs no network."""
    place = tmp_path / "copy"
    (place / "requirements").mkdir(parents=True)
    shutil.copytree(ROOT / "script", place / "script", ignore=shutil.ignore_patterns("__pycache__"))
    for lock in ("run.lock", "dev.lock"):
        (place / "requirements" / lock).write_text("# nothing\n", encoding="utf-8")
    return place


STEP = '#!/bin/sh\necho "{name} $CI"\nexit {status}\n'


@pytest.mark.parametrize(
    ("ends", "status", "ran"),
    [
        ({}, 0, ["lint", "test", "lab"]),
        ({"lint": 1}, 1, ["lint"]),
        ({"test": 1}, 1, ["lint", "test"]),
        ({"lab": 1}, 1, ["lint", "test", "lab"]),
        ({"lab": 70}, 70, ["lint", "test", "lab"]),
        ({"lab": 77}, 0, ["lint", "test", "lab"]),
        ({"test": 77}, 77, ["lint", "test"]),
    ],
)
def test_ci_runs_every_step_and_only_a_missing_qemu_is_no_failure(
    tmp_path: Path, ends: dict[str, int], status: int, ran: list[str]
) -> None:
    for name in ("lint", "test", "lab"):
        step = tmp_path / "script" / name
        step.parent.mkdir(exist_ok=True)
        step.write_text(STEP.format(name=name, status=ends.get(name, 0)), encoding="utf-8")
        step.chmod(0o755)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    done = run(tmp_path / ".ci/run", cwd=Path("/"))
    assert done.returncode == status
    assert done.stdout.splitlines() == [f"{name} true" for name in ran]
    assert ("tests/kernel DID NOT RUN" in done.stderr) == (ends == {"lab": 77})


LAB = "import os, sys; print(*sys.argv[1:], sep='|'); print(os.getcwd()); sys.exit(77)\n"


def test_the_lab_sets_up_and_hands_everything_on(copy: Path, tmp_path: Path) -> None:
    program = copy / "tests/kernel/guest/lab.py"
    program.parent.mkdir(parents=True)
    program.write_text(LAB, encoding="utf-8")
    arguments = ["--fresh", "--", "-k", "two words"]
    ran = run(copy / "script/lab", *arguments, cwd=tmp_path, CALLSEAT_PYTHON=sys.executable)
    assert ran.returncode == 77, ran.stderr
    assert ran.stdout.splitlines() == ["|".join(arguments), str(copy)]
    assert (copy / ".venv/bin/python").exists()


def set_up(place: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return run(
        "script/setup", "--dev", *options, cwd=place, **({"CALLSEAT_PYTHON": sys.executable} | settings)
    )


def test_setting_up_happens_once_and_again_when_something_changed(copy: Path, tmp_path: Path) -> None:
    first = set_up(copy)
    assert first.returncode == 0, first.stderr
    assert "making .venv" in first.stderr
    assert "ready in" in first.stderr

    assert set_up(copy).stderr == "setup: nothing to do\n"
    assert set_up(copy, "--quiet").stderr == ""

    imported = run(
        copy / ".venv/bin/python", "-P", "-c", "import sys; print(*sys.path, sep='\\n')", cwd=tmp_path
    )
    assert str(copy) in imported.stdout.splitlines()

    (copy / "requirements/dev.lock").write_text("# nothing, said anew\n", encoding="utf-8")
    changed = set_up(copy)
    assert "making" not in changed.stderr
    assert "installing requirements/dev.lock" in changed.stderr

    moved = copy.rename(tmp_path / "moved")
    again = set_up(moved)
    assert again.returncode == 0, again.stderr
    assert "making .venv" in again.stderr
    assert set_up(moved, "--quiet").stderr == ""


def test_a_lock_that_cannot_be_installed_is_told_and_not_stamped(copy: Path) -> None:
    """No hash in the lock: pip refuses before it asks any network."""
    (copy / "requirements/dev.lock").write_text("callseat-needs-a-hash==1.0\n", encoding="utf-8")
    for _ in range(2):
        ran = set_up(copy, PIP_NO_INDEX="1")
        assert ran.returncode == 1
        assert "could not install requirements/dev.lock" in ran.stderr
        assert "hash" in ran.stderr


def test_an_unusable_python_is_named(copy: Path) -> None:
    ran = set_up(copy, CALLSEAT_PYTHON="/bin/false")
    assert ran.returncode == 1
    assert "CALLSEAT_PYTHON=/bin/false" in ran.stderr
