"""Writes what is drawn from the code, in docs/, in udev/, and the example: `generate_docs.py [--check]`.

May not decide what a page says: each is a function of the room it describes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from callseat import config  # noqa: E402  the checkout must be found first
from callseat.api import reference as api  # noqa: E402  the same
from callseat.scenario import reference as scenarios  # noqa: E402  the same
from devices import system_files  # noqa: E402  the same
from devices.models import REGISTRY  # noqa: E402  the same
from devices.models.page import page as models_page  # noqa: E402  the same
from state import diagrams  # noqa: E402  the same

PAGES: dict[str, Callable[[], str]] = {
    "callseat.example.toml": config.example,
    "docs/api.md": lambda: api.render((ROOT / "docs/api.md").read_text(encoding="utf-8")),
    "docs/configuration.md": config.reference,
    "docs/scenarios.md": scenarios.reference,
    "docs/diagrams/states.md": diagrams.page,
    "docs/headset-models.md": lambda: models_page(REGISTRY),
    f"udev/{system_files.RULES_NAME}": lambda: system_files.rules(REGISTRY),
    f"udev/{system_files.HWDB_NAME}": lambda: system_files.hwdb(REGISTRY),
    "udev/callseat.modules-load": system_files.modules_load,
}
"""Path of each generated file and the function that draws it."""


def stale(root: Path = ROOT) -> list[str]:
    """Files that are missing or do not say what the code says."""
    return [path for path, draw in PAGES.items() if _text(root / path) != draw()]


def write(root: Path = ROOT) -> list[str]:
    """Bring every stale file up to date; returns which."""
    changed = stale(root)
    for path in changed:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(PAGES[path](), encoding="utf-8")
    return changed


def main(arguments: list[str]) -> int:
    """Write, or with --check only look; the exit code says whether a file was stale in a check."""
    if arguments == ["--check"]:
        for path in (found := stale()):
            print(f"{path}: stale, run script/generate")
        return 1 if found else 0
    for path in write():
        print(f"{path}: written")
    return 0


def _text(place: Path) -> str | None:
    return place.read_text(encoding="utf-8") if place.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
