"""Starts the guest, fresh or from its saved state, and runs one command in it.

May not change the image: it is opened read-only, so any number of guests run at once. Needs no root, network
or KVM; the port to the guest and QEMU's own are socket pairs, so nothing is left in the file system.
"""

from __future__ import annotations

import base64
import hashlib
import os
import select
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.kernel.guest.host import Host, LabError, output_of
from tests.kernel.guest.qmp import Qmp

BOOT_S = 240.0
"""A boot takes 10 s under TCG on an idle machine; this many on the slowest."""
MARK = b"\x1e"
"""Begins a line of the guest's service, and nothing else (ASCII record separator)."""

_MACHINES = {
    "amd64": ("q35,i8042=off", "max,-la57", "ttyS0"),
    "arm64": ("virt,gic-version=2", "cortex-a72", "ttyAMA0"),
}
"""QEMU's machine, the processor under TCG, the console."""
_KERNEL_ARGUMENTS = "quiet loglevel=4 panic=-1 mitigations=off random.trust_cpu=on systemd.show_status=0"


@dataclass(frozen=True, slots=True)
class Machine:
    """One kind of guest: what it is made of, and how large."""

    host: Host
    image: Path
    """The folder build made."""
    memory_mb: int
    processors: int

    @property
    def accelerator(self) -> str:
        """KVM only where the processor's own is loaded: a /dev/kvm of another kind opens and never boots."""
        real = any(Path(f"/sys/module/kvm_{maker}").is_dir() for maker in ("intel", "amd"))
        usable = self.host.architecture == "amd64" and real and os.access("/dev/kvm", os.R_OK | os.W_OK)
        return "kvm" if usable else "tcg,thread=multi,tb-size=256"

    @property
    def state(self) -> Path:
        """Where its booted state is kept; another QEMU or another machine has another file."""
        parts = (*self._hardware(), output_of(self.host.qemu, "--version"))
        return self.image / f"state-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"

    def command(self, share: Path, programs: Path, console: Path, port: int, control: int) -> list[str]:
        """QEMU's command line; `port` and `control` are descriptors it inherits."""
        return [
            # A guest must not outlive a killed test run.
            "setpriv", "--pdeathsig", "KILL", self.host.qemu, *self._hardware(),
            "-kernel", str(self.image / "kernel"), "-initrd", str(self.image / "initrd.gz"),
            "-drive", f"file={_quoted(self.image / 'root.img')},format=raw,if=virtio,readonly=on",
            "-virtfs", _shared(share, "host", "multidevs=remap"),
            "-virtfs", _shared(programs, "lab", "readonly=on"),
            "-serial", f"file:{_quoted(console)}",
            "-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control",
            "-chardev", f"socket,id=port,fd={port}",
            "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=port,name=lab",
        ]  # fmt: skip

    def _hardware(self) -> tuple[str, ...]:
        """Everything a saved state is bound to."""
        board, processor, console = _MACHINES[self.host.architecture]
        accelerator = self.accelerator
        append = f"console={console} {_KERNEL_ARGUMENTS}"
        return (
            "-nodefaults", "-display", "none", "-no-reboot", "-M", board, "-accel", accelerator,
            "-cpu", "host" if accelerator == "kvm" else processor,
            "-m", str(self.memory_mb), "-smp", str(self.processors), "-append", append,
            "-device", "virtio-rng-pci",
        )  # fmt: skip


class Guest:
    """One running guest, ended when its context ends."""

    def __init__(self, machine: Machine, share: Path, programs: Path, *, resumed: bool) -> None:
        self._port, theirs = socket.socketpair()
        control, their_control = socket.socketpair()
        self._console: IO[bytes] = tempfile.NamedTemporaryFile(prefix="callseat-lab.")  # noqa: SIM115 - lives as long as the guest
        console = Path(self._console.name)
        command = machine.command(share, programs, console, theirs.fileno(), their_control.fileno())
        if resumed:
            command += ["-incoming", f"exec:cat {shlex.quote(str(machine.state))}"]
        fds = (theirs.fileno(), their_control.fileno())
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, pass_fds=fds, start_new_session=True
        )
        self._pending = b""
        for end in (theirs, their_control):
            end.close()
        self._control = control

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for end in (self._port, self._control, self._console):
            end.close()

    def wait_ready(self) -> str:
        """Wait until the booted guest asks what to do; what it says of itself."""
        said = self._await(time.monotonic() + BOOT_S, None)
        if not said.startswith("READY "):
            raise LabError(f"the guest did not come up: {said}\n{self._tail()}")
        return said

    def save(self, target: Path) -> None:
        """Keep the machine's state: a resumed guest goes on from here."""
        new = target.with_name(f"{target.name}.new")
        # The guest keeps running meanwhile: a state saved stopped would resume stopped.
        Qmp(self._control).migrate(f"exec:cat > {shlex.quote(str(new))}")
        new.replace(target)

    def run(self, command: str, output: IO[bytes], timeout_s: float) -> int:
        """Run a shell command, stream what it prints; its exit status."""
        encoded = base64.b64encode(command.encode()).decode()
        self._port.sendall(f"GO {time.time():.3f} {encoded}\n".encode())
        word, _, rest = self._await(time.monotonic() + timeout_s, output).partition(" ")
        if word != "STATUS":
            raise LabError(f"the guest ended without a status: {word} {rest}\n{self._tail()}")
        return int(rest)

    def _await(self, deadline: float, output: IO[bytes] | None) -> str:
        """Pass output on until the service says a line of its own."""
        while True:
            before, mark, after = self._pending.partition(MARK)
            if output is not None and before:
                output.write(before)
                output.flush()
            self._pending = mark + after
            if mark and b"\n" in after:
                line, self._pending = after.split(b"\n", 1)
                return line.decode(errors="replace")
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([self._port], [], [], left_s)[0]:
                raise LabError(f"the time is up\n{self._tail()}")
            piece = self._port.recv(1 << 16)
            if not piece:
                return f"QEMU ended with {self._process.wait()}"
            self._pending += piece

    def _tail(self) -> str:
        """The end of the console: a panic is there."""
        return Path(self._console.name).read_text(errors="replace")[-4000:]


def _shared(folder: Path, tag: str, also: str) -> str:
    """A folder of the host over 9p, with the host's own owners and modes."""
    return f"local,path={_quoted(folder)},mount_tag={tag},security_model=none,{also},id={tag}"


def _quoted(path: Path) -> str:
    """A path inside a QEMU option, where a comma ends a value unless doubled."""
    return str(path).replace(",", ",,")
