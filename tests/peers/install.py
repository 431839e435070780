"""Programs of others that tests talk to, fetched when first asked for: Debian packages, and packages of PyPI.

May not raise because a machine is offline or not root's: the test that asked is skipped with the reason.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALL_S = 300
"""A step that takes longer is stuck."""
WHOLE = "whole"
"""Written into an environment last: one without it was broken off, and is made again."""
QUIETLY = {"DEBIAN_FRONTEND": "noninteractive", "DEBCONF_NONINTERACTIVE_SEEN": "true", "RUNLEVEL": "1"}
"""Nobody is asked anything, and no service is started because its package came (runlevel 1 is rescue)."""
APT_OPTIONS = ("-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20")


def apt(*packages: str) -> None:
    """See that these Debian packages are installed."""
    missing = _missing(packages)
    if missing and (reason := _apt_failure(tuple(missing))):
        pytest.skip(f"needs {' '.join(missing)}: {reason}")


def program(name: str) -> None:
    """See that a program is there, wherever it is from; else by the Debian package of its name."""
    if shutil.which(name) is None:
        apt(name)


def pypi(requirement: str) -> Path:
    """The interpreter of an environment that has this requirement and lasts; programs are beside it."""
    folder = cache_folder() / hashlib.sha256(f"{requirement} {sys.version}".encode()).hexdigest()[:16]
    if not (folder / WHOLE).exists() and (reason := _pypi_failure(folder, requirement)):
        pytest.skip(f"needs {requirement}: {reason}")
    return folder / "bin/python"


def cache_folder() -> Path:
    """Where environments are kept: in XDG_CACHE_HOME, else ~/.cache, else a temporary folder."""
    named, home = os.environ.get("XDG_CACHE_HOME"), os.environ.get("HOME")
    if named:
        return Path(named).absolute() / "callseat-peers"
    if home and os.access(home, os.W_OK):
        return Path(home).absolute() / ".cache/callseat-peers"
    return Path(tempfile.gettempdir()) / f"callseat-peers-{os.getuid()}"


def _missing(packages: Sequence[str]) -> list[str]:
    return [package for package in packages if not _installed(package)]


def _installed(package: str) -> bool:
    try:
        said = _run(["dpkg-query", "-W", "-f=${db:Status-Status}", package])
    except FileNotFoundError:
        return False
    return said.returncode == 0 and said.stdout == "installed"


@functools.cache
def _apt_failure(packages: tuple[str, ...]) -> str:
    """Install; why not, or nothing. Tried once in a process, not for each test."""
    if os.getuid() != 0:
        return f"only root can apt-get install {' '.join(packages)}"
    with _locked(cache_folder() / "apt.lock"):
        missing, said = _missing(packages), ""
        install = ["apt-get", *APT_OPTIONS, "install", "-y", "-qq", "--no-install-recommends", *missing]
        # A fresh root has no package lists, an old one has stale ones: try, refresh, try again.
        for step in (install, ["apt-get", *APT_OPTIONS, "update", "-qq"], install):
            if not missing:
                return ""
            said = _failure(step)
            missing = _missing(missing)
        return said if missing else ""


@functools.cache
def _pypi_failure(folder: Path, requirement: str) -> str:
    """Make the environment; why not, or nothing. Tried once in a process, not for each test."""
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--no-input", "--retries", "1"]
    with _locked(folder.with_suffix(".lock")):
        if (folder / WHOLE).exists():
            return ""
        for step in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [*pip, "--disable-pip-version-check", requirement],
        ):
            if said := _failure(step):
                return said
        (folder / WHOLE).write_text(requirement, encoding="utf-8")
    return ""


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One at a time, over all workers: the other one finds it done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _failure(command: list[str]) -> str:
    """Run it; the end of what it said if it failed, else nothing."""
    try:
        done = _run(command)
    except FileNotFoundError:
        return f"there is no {command[0]}"
    except subprocess.TimeoutExpired:
        return f"{command[0]} did not end within {INSTALL_S} s"
    said = (done.stderr or done.stdout).strip() or f"{command[0]} ended with {done.returncode}"
    return said[-300:] if done.returncode else ""


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_S,
        env={**os.environ, **QUIETLY},
    )
