"""The import contracts: kept by the tree as it is, and each broken on purpose in a copy of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from script.house_rules import ROOMS
from tests.support import ROOT

LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"

Lint = Callable[[dict[str, str]], tuple[int, str]]


@pytest.fixture(name="copied", scope="module")
def _copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rooms' Python files and the contracts, nothing else."""
    place = tmp_path_factory.mktemp("tree")
    only_python = shutil.ignore_patterns("__pycache__", "*.wav", "*.json", "*.toml")
    for room in ROOMS:
        shutil.copytree(ROOT / room, place / room, ignore=only_python)
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


@pytest.fixture(name="lint")
def _lint(copied: Path, tmp_path: Path) -> Lint:
    """Run the import linter over the copy with these lines appended to these files (made where missing)."""

    def run(additions: dict[str, str]) -> tuple[int, str]:
        place = tmp_path / "tree"
        shutil.copytree(copied, place)
        for name, text in additions.items():
            with (place / name).open("a", encoding="utf-8") as file:
                file.write("\n" + text + "\n")
        ran = subprocess.run(
            [sys.executable, "-c", LINT_IMPORTS, "--no-cache"],
            cwd=place,
            check=False,
            capture_output=True,
            text=True,
        )
        return ran.returncode, ran.stdout + ran.stderr

    return run


def test_the_tree_keeps_every_contract(lint: Lint) -> None:
    code, said = lint({})
    assert code == 0, said
    assert "6 kept, 0 broken" in said


BREAKS = {
    "a clock in a pure room": ("pure", {"state/words.py": "import time"}),
    "a clock through another module of ours": (
        "pure",
        {"state/words.py": "import state.hidden", "state/hidden.py": "import time"},
    ),
    "chance through another room": (
        "pure",
        {"devices/__init__.py": "import state.hidden", "state/hidden.py": "from random import choice"},
    ),
    "a clock through an import inside a function": (
        "pure",
        {"prompts/__init__.py": "def f():\n    import time"},
    ),
    "asyncio in the analysers": ("pure", {"audio/analysis/__init__.py": "import asyncio"}),
    "an engine in the analysers": ("pure", {"audio/analysis/__init__.py": "import audio.vad_webrtc"}),
    "a file handle in the core": ("pure", {"callseat/core/__init__.py": "import os"}),
    "a socket in the codec": ("pure", {"callseat/api/codec.py": "import socket"}),
    "upwards": ("one-way", {"state/words.py": "import devices"}),
    "upwards over two rooms": ("one-way", {"prompts/__init__.py": "import callseat.clock"}),
    "between the two edges": ("one-way", {"audio/__init__.py": "import firmware_bridge"}),
    "between the two pure rooms": ("one-way", {"devices/__init__.py": "import prompts"}),
    "a second machine": ("machine", {"state/words.py": "import transitions"}),
    "a machine in a device": ("machine", {"devices/__init__.py": "from transitions import Machine"}),
    "a second user of hidapi": ("busylight", {"firmware_bridge/hidraw.py": "import hidraw"}),
    "a second user of the detector": ("vad", {"audio/__init__.py": "import webrtcvad"}),
}
NAMES = {
    "one-way": "Imports go one way",
    "pure": "Pure rooms know no clock, thread, device or chance",
    "machine": "Only state.machine knows transitions",
    "vad": "Only one engine file each knows webrtcvad and onnxruntime",
    "busylight": "Only one edge file knows busylight_core and hidapi",
}


@pytest.mark.parametrize("title", BREAKS)
def test_a_broken_contract_is_named(title: str, lint: Lint) -> None:
    contract, additions = BREAKS[title]
    code, said = lint(additions)
    assert code == 1, said
    assert re.search(rf"^{re.escape(NAMES[contract])}.* BROKEN", said, re.MULTILINE), said
