"""Every house rule is broken once on a small tree and must be named, with its file and line.

May not read the real tree but in the last test: what the tree holds is script/lint's affair.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from script.house_rules import BROAD_EXCEPT_FILES, CLOCK_FILES, breaches, main, percentile_95
from tests.support import ROOT

CLEAN = {
    "state/call.py": '"""Calls."""\n\n\ndef answered(at: float) -> float:\n    return at\n',
    "tests/state/test_call.py": (
        "from state.call import answered\n\n\ndef test_answered() -> None:\n"
        "    assert answered(1.0) == 1.0\n    assert answered(2.0) == 2.0\n"
    ),
}


def plant(place: Path, files: dict[str, str]) -> Path:
    """Write these files under a place."""
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return place


def found(place: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    """(file, line, rule) of every breach of the tidy tree with these files added."""
    return [(b.path, b.line, b.rule) for b in breaches(plant(place, CLEAN | files))]


def padded(lines: int) -> str:
    return '"""Long."""\n' + "VALUE = 1\n" * (lines - 1)


def function_of(lines: int, name: str = "long") -> str:
    return f"def {name}() -> None:\n" + "    pass\n" * (lines - 1)


def test_a_tidy_tree_has_no_breach(tmp_path: Path) -> None:
    assert breaches(plant(tmp_path, CLEAN)) == []


CODE_BREACHES = [
    # clock
    ("state/a.py", "import time\nX = time.monotonic()\n", 2, "clock"),
    ("audio/a.py", "import time as t\nX = t.time_ns()\n", 2, "clock"),
    ("callseat/a.py", "from time import perf_counter\nX = perf_counter()\n", 2, "clock"),
    ("callseat/a.py", "from time import time as now\nX = now()\n", 2, "clock"),
    ("prompts/a.py", "from datetime import datetime\nX = datetime.now()\n", 2, "clock"),
    ("prompts/a.py", "import datetime\nX = datetime.datetime.utcnow()\n", 2, "clock"),
    ("prompts/a.py", "from datetime import date\nX = date.today()\n", 2, "clock"),
    ("callseat/a.py", "def f(loop: object) -> float:\n    return loop.time()\n", 2, "clock"),
    ("callseat/a.py", "import asyncio\nX = asyncio.get_running_loop().time()\n", 2, "clock"),
    ("callseat/a.py", "def f(self: object) -> float:\n    return self.loop.time()\n", 2, "clock"),
    # silenced checks
    ("state/a.py", "X = 1  # type: ignore[misc]  # a long reason\n", 1, "silenced"),
    ("callseat/core/a.py", "X = 1  # type: ignore[misc]  # a long reason\n", 1, "silenced"),
    ("audio/analysis/a.py", "X = 1  # type: ignore[misc]  # a long reason\n", 1, "silenced"),
    ("audio/a.py", "X = 1  # type: ignore\n", 1, "silenced"),
    ("audio/a.py", "X = 1  # type: ignore[misc]\n", 1, "silenced"),
    ("audio/a.py", "X = 1  # noqa\n", 1, "silenced"),
    ("audio/a.py", "X = 1  # noqa: E501\n", 1, "silenced"),
    # sleeps
    ("tests/audio/a.py", "import time\ntime.sleep(0.1)\n", 2, "sleep"),
    ("tests/audio/a.py", "from time import sleep\n", 1, "sleep"),
    ("tests/audio/a.py", "import asyncio\nasync def f() -> None:\n    await asyncio.sleep(1)\n", 3, "sleep"),
    (
        "tests/audio/a.py",
        "import asyncio\nasync def f(s: float) -> None:\n    await asyncio.sleep(s)\n",
        3,
        "sleep",
    ),
    (
        "tests/audio/a.py",
        "import time\nfrom callseat.loops import VirtualTimeLoop\ntime.sleep(1)\n",
        3,
        "sleep",
    ),
    # broad excepts
    ("audio/a.py", "try:\n    X = 1\nexcept:\n    X = 2\n", 3, "broad-except"),
    ("audio/a.py", "try:\n    X = 1\nexcept Exception:\n    X = 2\n", 3, "broad-except"),
    ("audio/a.py", "try:\n    X = 1\nexcept (OSError, BaseException):\n    X = 2\n", 3, "broad-except"),
    ("audio/a.py", "import contextlib\nwith contextlib.suppress(Exception):\n    X = 2\n", 2, "broad-except"),
    # sizes
    ("audio/a.py", function_of(81), 1, "function-length"),
    ("tests/audio/test_a.py", function_of(81), 1, "function-length"),
    ("audio/a.py", padded(501), 501, "file-length"),
    ("tests/audio/a.py", padded(501), 501, "file-length"),
    # tests
    ("tests/devices/__init__.py", "", 1, "tests-init"),
    ("tests/__init__.py", "", 1, "tests-init"),
    ("tests/audio/test_a.py", "def test_nothing() -> None:\n    print(1)\n", 1, "asserts"),
    # syntax
    ("audio/a.py", "X = (\n", 1, "syntax"),
]


@pytest.mark.parametrize(("path", "text", "line", "rule"), CODE_BREACHES)
def test_a_breach_is_named_with_its_place(tmp_path: Path, path: str, text: str, line: int, rule: str) -> None:
    assert (path, line, rule) in found(tmp_path, {path: text})


ALLOWED = [
    ("audio/a.py", "import time\nX = time.sleep\n"),
    ("callseat/a.py", "from datetime import datetime\nX = datetime(2026, 1, 1).time()\n"),
    ("callseat/a.py", "from datetime import datetime\nX = datetime.fromtimestamp(0.0)\n"),
    ("audio/a.py", "X = 1  # noqa: E501 - a recorded line, kept as it was\n"),
    ("audio/a.py", "X = 1  # type: ignore[misc]  # ships no types\n"),
    ("audio/a.py", 'X = "# noqa"\n'),
    ("audio/a.py", "try:\n    X = 1\nexcept (OSError, ValueError):\n    X = 2\n"),
    ("audio/a.py", function_of(50)),
    ("devices/models/a.py", padded(900)),
    ("tests/audio/a.py", "import asyncio\nasync def f() -> None:\n    await asyncio.sleep(0)\n"),
    (
        "tests/audio/test_a.py",
        "import pytest\ndef test_a() -> None:\n    with pytest.raises(OSError):\n        open('')\n",
    ),
    ("tests/audio/test_a.py", "def test_a() -> None:\n    check_everything()\n"),
    (next(iter(CLOCK_FILES)), "import time\nX = time.monotonic()\n"),
    (next(iter(BROAD_EXCEPT_FILES)), "try:\n    X = 1\nexcept Exception:\n    X = 2\n"),
]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_what_is_allowed_is_not_reported(tmp_path: Path, path: str, text: str) -> None:
    assert found(tmp_path, {path: text}) == []


def test_only_the_passing_of_virtual_time_may_sleep(tmp_path: Path) -> None:
    sleeper = "import asyncio\nasync def passes(s: float) -> None:\n    await asyncio.sleep(s)\n"
    files = {"tests/virtual.py": sleeper, "tests/audio/other.py": sleeper}
    assert found(tmp_path, files) == [("tests/audio/other.py", 3, "sleep")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("numpy @ https://files.python" + "hosted.org/x.whl\n", "registry-address"),
        ("--index-" + "url https://mirror.example/simple\n", "registry-address"),
        ("--extra-index-" + "url=https://mirror.example/simple\n", "registry-address"),
        ("see https://py" + "pi.org/project/x\n", "registry-address"),
        ("cd /wo" + "rk/main\n", "machine-path"),
        ("see ../sha" + "red/design.md\n", "machine-path"),
        ("home = /ro" + "ot/.venv\n", "machine-path"),
        ("/opt/" + "wheels\n", "machine-path"),
    ],
)
def test_no_published_file_names_a_registry_or_this_machine(tmp_path: Path, text: str, rule: str) -> None:
    assert found(tmp_path, {"docs/a.md": "# A\n" + text}) == [("docs/a.md", 2, rule)]


@pytest.mark.parametrize(
    "text", ["docs/wo" + "rk/a.md\n", "$root/wo" + "rk/\n", "/opt/callseat\n", "a framework/ro" + "ot\n"]
)
def test_other_paths_are_fine(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, {"docs/a.md": text}) == []


def test_binary_files_are_not_read_as_text(tmp_path: Path) -> None:
    plant(tmp_path, CLEAN)
    (tmp_path / "a.bin").write_bytes(b"\0/wo" + b"rk/")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe/wo" + b"rk/")
    assert breaches(tmp_path) == []


def test_medians_hold_for_rooms_and_tests(tmp_path: Path) -> None:
    files = {f"audio/{n}.py": padded(201) for n in range(3)} | {
        f"tests/audio/{n}.py": padded(201) for n in range(3)
    }
    assert found(tmp_path, files) == [(".", 1, "file-median"), (".", 1, "file-median")]


def test_most_functions_are_short(tmp_path: Path) -> None:
    text = "".join(function_of(51 if n < 2 else 2, f"f{n}") for n in range(10))
    assert found(tmp_path, {"audio/a.py": text}) == [(".", 1, "function-p95")]


@pytest.mark.parametrize(
    ("values", "expected"), [([], 0), ([7], 7), (list(range(1, 101)), 95), ([1] * 19 + [9], 1)]
)
def test_percentile(values: list[int], expected: int) -> None:
    assert percentile_95(values) == expected


def test_a_pure_room_needs_its_share_of_tests(tmp_path: Path) -> None:
    code = '"""Wait."""\n' + "".join(f"A{n} = {n}\n" for n in range(9))
    assert found(tmp_path, {"devices/a.py": code}) == [("tests/devices", 1, "test-share")]
    assert found(tmp_path, {"tests/devices/test_a.py": "# only words\n" * 20}) == [
        ("tests/devices", 1, "test-share")
    ]
    assert found(tmp_path, {"tests/devices/test_a.py": "A = 1\n" * 12}) == []


def test_in_a_repository_what_git_lists_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small program stands in for git: a fresh machine has none."""
    listing = '#!/bin/sh\n[ "$2" = "$HERE" ] && printf "docs/a.md\\0docs/gone.md\\0"\n'
    programs = plant(tmp_path / "bin", {"git": listing})
    (programs / "git").chmod(0o755)
    checkout = tmp_path / "checkout"
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("HERE", str(checkout))
    files = {"demo-out/a.md": "/wo" + "rk/\n", "docs/a.md": "/wo" + "rk/\n"}
    untracked = ("demo-out/a.md", 1, "machine-path")
    listed = ("docs/a.md", 1, "machine-path")
    assert found(checkout, files) == [untracked, listed]
    (checkout / ".git").mkdir()
    assert found(checkout, files) == [listed]
    monkeypatch.setenv("HERE", "elsewhere, so that git fails")
    assert found(checkout, files) == [untracked, listed]
    monkeypatch.setenv("PATH", "")
    assert found(checkout, files) == [untracked, listed]


def test_the_program_prints_one_line_each_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, CLEAN)
    assert main([str(tmp_path)]) == 0
    assert "test share: state 1." in capsys.readouterr().out
    plant(tmp_path, {"audio/a.py": "import time\nX = time.time()\n"})
    assert main([str(tmp_path)]) == 1
    expected = "audio/a.py:2: clock: time.time() outside the clock and the edge stampers; time is handed in\n"
    assert capsys.readouterr().out == expected


def test_it_runs_as_a_program_with_nothing_installed(tmp_path: Path) -> None:
    plant(tmp_path, CLEAN)
    program = [sys.executable, "-I", "-S", str(ROOT / "script/house_rules.py"), str(tmp_path)]
    assert subprocess.run(program, check=False, capture_output=True).returncode == 0


def test_every_exempt_file_exists_and_has_a_reason() -> None:
    for path, reason in (CLOCK_FILES | BROAD_EXCEPT_FILES).items():
        assert (ROOT / path).is_file(), path
        assert reason
