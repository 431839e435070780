"""What the lab needs of the machine it runs on: Debian's suite and architecture, packages, programs.

May not build or boot anything. Says in one line what is missing.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PYTHON_OF_SUITE = {"bookworm": (3, 11), "trixie": (3, 13)}
"""Debian's python3 in the guest; compiled wheels are bound to its minor version."""

QEMU_OF_ARCHITECTURE = {
    "amd64": ("qemu-system-x86", "qemu-system-x86_64"),
    "arm64": ("qemu-system-arm", "qemu-system-aarch64"),
}
"""Debian architecture: the package, and the program in it."""

TOOLS = ("mmdebstrap", "e2fsprogs", "cpio", "zstd", "xz-utils", "kmod", "busybox-static", "gcc", "libc6-dev")
"""Packages beside QEMU that building takes."""


class LabError(Exception):
    """The lab cannot go on; the message is for a person."""


class NoQemuError(LabError):
    """There is no QEMU for this machine and it cannot be installed."""


@dataclass(frozen=True, slots=True)
class Host:
    """The machine the guest is made for and on."""

    architecture: str
    suite: str
    qemu: str
    """The program's name."""


def say(message: str) -> None:
    """One line for the person who waits."""
    print(f"lab: {message}", file=sys.stderr, flush=True)


def output_of(*command: str | Path, cwd: Path | None = None) -> str:
    """What a program prints; LabError with what it complained about when it fails."""
    try:
        ran = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(f"there is no program {command[0]}") from error
    if ran.returncode != 0:
        said = (ran.stderr or ran.stdout).decode(errors="replace").strip()
        raise LabError(
            f"{' '.join(str(part) for part in command[:4])} ended with {ran.returncode}: {said[-2000:]}"
        )
    return ran.stdout.decode(errors="replace")


def prepare() -> Host:
    """Install what is missing and say who we are; NoQemuError where QEMU cannot be had."""
    architecture = _architecture()
    package, program = QEMU_OF_ARCHITECTURE[architecture]
    if shutil.which(program) is None:
        why = _install((package,))
        if why:
            raise NoQemuError(f"{package} cannot be installed here: {why}")
    suite = _suite()
    why = _install(TOOLS)
    if why:
        raise LabError(f"packages for building the guest cannot be installed: {why}")
    wanted = PYTHON_OF_SUITE[suite]
    if sys.version_info[:2] != wanted:
        raise LabError(
            f"the guest's Debian {suite} has Python {wanted[0]}.{wanted[1]}, .venv is made of "
            f"{platform.python_version()}, whose compiled packages do not fit: remove .venv and run "
            f"CALLSEAT_PYTHON=/usr/bin/python3 script/setup --dev"
        )
    return Host(architecture, suite, program)


def apt_lists() -> None:
    """Fetch apt's package lists where there are none: a fresh root has not got any."""
    if "linux-image" in output_of("apt-cache", "pkgnames", "linux-image"):
        return
    why = _apt("update", "-qq")
    if why:
        raise LabError(f"apt-get update failed: {why}")


def _architecture() -> str:
    machine = platform.machine()
    found = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine)
    if found is None:
        raise NoQemuError(f"there is no guest for a machine of kind {machine}")
    if shutil.which("dpkg-query") is None and shutil.which(QEMU_OF_ARCHITECTURE[found][1]) is None:
        raise NoQemuError("no QEMU here, and no apt to install it with")
    return found


def _suite() -> str:
    release = platform.freedesktop_os_release()
    suite = release.get("VERSION_CODENAME", "")
    if release.get("ID") not in {"debian", "raspbian"} or suite not in PYTHON_OF_SUITE:
        known = " or ".join(PYTHON_OF_SUITE)
        raise LabError(
            f"the guest is made of the host's own Debian, {known}; this is {release.get('PRETTY_NAME')}"
        )
    return suite


def _installed(package: str) -> bool:
    ran = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", package], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip() == "installed"


def _install(packages: Sequence[str]) -> str:
    """Install what is missing of these; empty, or one line that says why not."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get"
    missing = [package for package in packages if not _installed(package)]
    if not missing:
        return ""
    say(f"installing {' '.join(missing)} with apt-get")
    install = ("install", "-y", "-qq", "--no-install-recommends", *missing)
    if not _apt(*install):
        return ""
    # A fresh root has no package lists, an old one has stale ones: refresh, try again.
    return _apt("update", "-qq") or _apt(*install)


def as_root() -> tuple[str, ...] | None:
    """What goes before a command that needs root; None where there is no way."""
    if os.geteuid() == 0:
        return ()
    sudo = ("sudo",) if sys.stdin.isatty() else ("sudo", "-n")
    return (
        sudo
        if shutil.which("sudo") and subprocess.run([*sudo, "true"], check=False).returncode == 0
        else None
    )


def _apt(*arguments: str) -> str:
    """Run apt-get as root; empty, or the last thing it said."""
    before = as_root()
    if before is None:
        return "neither root nor sudo"
    command = (*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *arguments)
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    said = (ran.stderr.strip() or ran.stdout.strip()).splitlines()
    return "" if ran.returncode == 0 else (said[-1] if said else f"apt-get ended with {ran.returncode}")
