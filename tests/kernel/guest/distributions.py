"""The Python packages of .venv that the guest needs, laid out as its own.

May not fetch anything: what the lock installed on the host is what the guest gets.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from tests.kernel.guest.host import LabError

ALSO = ("pytest",)
"""Beside what callseat itself imports. Plug-ins of pytest stay out: each costs its import in every run."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def copy_distributions(project: Path, target: Path) -> None:
    """Copy callseat's dependencies and pytest, with all they need, from this interpreter's site-packages."""
    with (project / "pyproject.toml").open("rb") as file:
        wanted = [*tomllib.load(file)["project"]["dependencies"], *ALSO]
    for found in _closure(wanted):
        for name in found.files or ():
            source = Path(str(found.locate_file(name)))
            if ".." in name.parts or "__pycache__" in name.parts or not source.is_file():
                continue
            place = target.joinpath(*name.parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)


def _closure(wanted: list[str]) -> list[Distribution]:
    """Every distribution these requirements lead to; what a marker kept away is not installed."""
    found: dict[str, Distribution] = {}
    named = {_name(requirement) for requirement in wanted}
    waiting = sorted(named)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError as error:
            if name in named:
                raise LabError(f".venv has no {name}: run script/setup --dev") from error
            continue
        waiting += [_name(line) for line in found[name].requires or () if "extra ==" not in line]
    return list(found.values())


def _name(requirement: str) -> str:
    matched = _NAME.match(requirement)
    if matched is None:
        raise LabError(f"no requirement: {requirement!r}")
    return matched[0].lower().replace("_", "-")
