"""Which processes have a device node open, from /proc/*/fd.

May not judge or end a process. A process of another user can be looked into by root alone: such ones
are counted, never guessed at.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Opener:
    """One process that has a node open: `uid` is its effective user, `name` what the kernel calls it."""

    pid: int
    name: str
    uid: int
    node: Path


@dataclass(frozen=True, slots=True)
class Openers:
    """Who has the nodes open, and how many processes could not be looked into."""

    found: tuple[Opener, ...] = ()
    unseen: int = 0

    def of(self, node: Path) -> tuple[Opener, ...]:
        """Those that have this node open."""
        return tuple(each for each in self.found if each.node == node)


def find_openers(nodes: Collection[Path], proc: Path = PROCESSES) -> Openers:
    """Every process with one of `nodes` open; one that ends meanwhile is left out."""
    if not nodes:
        return Openers()
    wanted = {str(node): node for node in nodes}
    found: list[Opener] = []
    unseen = 0
    for process in sorted((each for each in proc.iterdir() if each.name.isdigit()), key=_number):
        try:
            held = sorted({wanted[target] for target in _links(process / "fd") if target in wanted})
            found += [_opener(process, node) for node in held]
        except PermissionError:
            unseen += 1
        except OSError:
            continue
    return Openers(tuple(found), unseen)


def _number(process: Path) -> int:
    return int(process.name)


def _links(folder: Path) -> Iterator[str]:
    """What the file descriptors of a process lead to."""
    for name in os.listdir(folder):
        try:
            yield os.readlink(folder / name)
        except FileNotFoundError:
            continue


def _opener(process: Path, node: Path) -> Opener:
    name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    lines = (process / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    uids = next((line.split() for line in lines if line.startswith("Uid:")), ["", "0", "0"])
    return Opener(int(process.name), name, int(uids[2]), node)
