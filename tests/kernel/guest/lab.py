"""`script/lab`: makes the guest when it has to, boots it once, and runs the tests of tests/kernel in it.

May not run a test on the host. Ends with the status of what ran, with 77 where there can be no QEMU, and
with 70 when the lab itself failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import signal
import sys
import time
from pathlib import Path

from tests.kernel.guest.boot import Guest, Machine
from tests.kernel.guest.build import build, fingerprint
from tests.kernel.guest.cache import cache_folder, in_use, locked, make_folder, prune, remove
from tests.kernel.guest.host import Host, LabError, NoQemuError, apt_lists, prepare, say
from tests.kernel.guest.kernel import find_kernel
from tests.kernel.guest.programs import compile_programs

PROJECT = Path(__file__).resolve().parents[3]
NO_QEMU = 77
"""What automake's tests end with when they cannot run here."""
FAILED = 70
"""EX_SOFTWARE, sysexits.h: not a status of pytest."""
MEMORY_MB = 512
"""The guest itself needs about 50 MB; its root's upper layer lives in half of this."""
TIMEOUT_S = 1800.0
"""The whole suite takes 15 minutes on two cores without KVM, and more beside other work."""

# Plug-ins cost their import in every run; the suite's own conftest is for the host.
PYTEST = (
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python3 -m pytest -q -p no:cacheprovider "
    "--confcutdir=tests/kernel {arguments}"
)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line; what follows -- is pytest's."""
    parser = argparse.ArgumentParser(
        prog="script/lab", description="Run tests/kernel in a guest with a real kernel."
    )
    parser.add_argument("--rebuild", action="store_true", help="build the guest although nothing changed")
    parser.add_argument("--fresh", action="store_true", help="boot instead of resuming the saved state")
    parser.add_argument("--memory", type=int, default=MEMORY_MB, metavar="MB", help=f"default {MEMORY_MB}")
    parser.add_argument(
        "--timeout", type=float, default=TIMEOUT_S, metavar="S", help=f"default {TIMEOUT_S:g}"
    )
    parser.add_argument("words", nargs="*", metavar="shell COMMAND | -- PYTEST_ARGUMENT")
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    parsed = parser.parse_args(own)
    words: list[str] = parsed.words
    given = arguments[len(own) + 1 :]
    if words and (words[0] != "shell" or len(words) != 2 or given):
        parser.error("after the options comes either: shell 'COMMAND', or: -- and arguments of pytest")
    chosen = (
        given
        if any(not word.startswith("-") and "tests/" in word for word in given)
        else [*given, "tests/kernel"]
    )
    parsed.command = words[1] if words else PYTEST.format(arguments=shlex.join(chosen))
    return parsed


def image_of(host: Host, cache: Path, *, rebuild: bool) -> Path:
    """The folder of the guest for this checkout, built if it is not there; to be called locked."""
    apt_lists()
    kernel = find_kernel(host.architecture)
    folder = cache / fingerprint(PROJECT, host, kernel)
    if rebuild:
        remove(folder)
    if not folder.is_dir():
        begun = time.monotonic()
        make_folder(folder, lambda place: build(PROJECT, host, kernel, place))
        size_mb = sum(path.stat().st_blocks for path in folder.iterdir()) // 2048
        say(f"built in {time.monotonic() - begun:.0f} s, {size_mb} MB")
    prune(folder)
    return folder


def save_state(machine: Machine, programs: Path) -> None:
    """Boot once and keep the state, if it is not kept yet; to be called locked."""
    if machine.state.is_file():
        return
    begun = time.monotonic()
    with Guest(machine, PROJECT, programs, resumed=False) as guest:
        guest.wait_ready()
        guest.save(machine.state)
    say(f"booted and saved in {time.monotonic() - begun:.0f} s")


def run(parsed: argparse.Namespace) -> int:
    """Do what the command line asks."""
    host = prepare()
    cache = cache_folder()
    with contextlib.ExitStack() as guest_runs:
        with locked(cache):
            folder = image_of(host, cache, rebuild=parsed.rebuild)
            guest_runs.enter_context(in_use(folder))
            programs = compile_programs(folder)
            machine = Machine(host, folder, parsed.memory, processors=2)
            if not parsed.fresh:
                save_state(machine, programs)
        begun = time.monotonic()
        with Guest(machine, PROJECT, programs, resumed=not parsed.fresh) as guest:
            if parsed.fresh:
                guest.wait_ready()
            status = guest.run(parsed.command, sys.stdout.buffer, parsed.timeout)
    accelerator = machine.accelerator.partition(",")[0]
    say(f"status {status} after {time.monotonic() - begun:.1f} s in the guest ({accelerator})")
    return status


def main(arguments: list[str]) -> int:
    """The exit status of script/lab."""
    # Files of the cache and of the guest are the same whatever the caller's umask is.
    os.umask(0o022)
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(parse(arguments))
    except NoQemuError as error:
        say(str(error))
        return NO_QEMU
    except LabError as error:
        say(str(error))
        return FAILED
    except KeyboardInterrupt:
        say("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
