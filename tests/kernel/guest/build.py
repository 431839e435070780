"""Makes the guest: Debian's kernel and a read-only root image, from apt's own sources and .venv.

May not boot it. Needs root, or user namespaces for mmdebstrap; the result needs neither.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.kernel.guest.distributions import copy_distributions
from tests.kernel.guest.host import Host, LabError, as_root, output_of, say
from tests.kernel.guest.kernel import (
    KernelPackage,
    copy_modules,
    release_of,
    unpack_kernel,
    write_initrd,
    write_kernel,
)

INSIDE = Path(__file__).parent / "inside"
"""The scripts that run in the guest, or in its root while it is made."""

PACKAGES = (
    "systemd", "systemd-sysv", "udev", "dbus", "libpam-systemd", "kmod", "iproute2", "acl", "procps",
    "alsa-utils", "usbutils", "strace", "python3", "python3-pyaudio",
)  # fmt: skip

LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


def fingerprint(project: Path, host: Host, kernel: KernelPackage) -> str:
    """What the image is made of: another fingerprint needs another image."""
    here = Path(__file__).parent
    made_by = [
        *sorted(INSIDE.iterdir()),
        *(here / f"{name}.py" for name in ("build", "kernel", "distributions")),
    ]
    parts = [host.suite, host.architecture, kernel.name, kernel.version]
    parts += [hashlib.sha256(path.read_bytes()).hexdigest() for path in made_by]
    parts += [hashlib.sha256((project / "requirements/dev.lock").read_bytes()).hexdigest()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def build(project: Path, host: Host, kernel: KernelPackage, target: Path) -> None:
    """Write kernel, initrd.gz and root.img into the folder `target`."""
    work = target / "work"
    say(f"building the guest: Debian {host.suite}, {kernel.name} {kernel.version}")
    unpacked = unpack_kernel(kernel, work / "kernel")
    write_kernel(unpacked, host.architecture, target / "kernel")
    overlay = work / "overlay"
    copy_modules(unpacked, overlay)
    write_initrd(unpacked, INSIDE / "initrd", work / "initrd", target / "initrd.gz")
    python = f"python{'.'.join(sys.version.split('.')[:2])}"
    copy_distributions(project, overlay / f"usr/local/lib/{python}/dist-packages")
    _copy_scripts(overlay)
    archive = work / "overlay.tar"
    _pack(overlay, archive)
    _make_root(host, archive, target / "root.img", work)
    (target / "release").write_text(release_of(unpacked) + "\n")
    shutil.rmtree(work)


def _copy_scripts(overlay: Path) -> None:
    for name, place in (
        ("service", "usr/local/sbin/lab-service"),
        ("lab.service", "etc/systemd/system/lab.service"),
    ):
        (overlay / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(INSIDE / name, overlay / place)
    (overlay / "usr/local/sbin/lab-service").chmod(0o755)


def _pack(overlay: Path, archive: Path) -> None:
    """As root's files with plain modes, whoever we are and whatever our umask."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with tarfile.open(archive, "w") as tar:
        for path in sorted(overlay.iterdir()):
            tar.add(path, path.name, filter=plain)


def _sources(suite: str) -> list[str]:
    """Lines for the archives of this suite that apt on this machine uses itself."""
    listed = output_of(
        "apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI) $(RELEASE)", "Created-By: Packages"
    )
    found: dict[str, str] = {}
    for line in listed.splitlines():
        matched = re.fullmatch(r"Debian (\S+) (\S+)", line)
        if matched and matched[2] in {suite, f"{suite}-security", f"{suite}-updates"}:
            found.setdefault(matched[2], f"deb {matched[1]} {matched[2]} main")
    if suite not in found:
        raise LabError(f"apt on this machine has no Debian archive of {suite}")
    return list(found.values())


def _make_root(host: Host, overlay: Path, target: Path, work: Path) -> None:
    """A root of packages and our files; the hook inside mmdebstrap's namespace writes the image."""
    settings = work / "apt.conf"
    configured = output_of("apt-config", "dump")
    network = re.findall(r"(?m)^Acquire::(?:\w+::Proxy|Check-|Retries).*$", configured)
    settings.write_text("".join(f"{line}\n" for line in (*network, 'APT::Install-Recommends "false";')))
    temporary = os.environ.get("TMPDIR", "/var/tmp")
    command = [
        # Without root mmdebstrap tries user namespaces by itself.
        *(as_root() or ()), "env", f"TMPDIR={temporary}", f"PATH={os.environ['PATH']}",
        "mmdebstrap", "--quiet", "--variant=minbase", "--format=null", "--components=main",
        f"--architectures={host.architecture}", f"--include={','.join(PACKAGES)}", f"--aptopt={settings}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        f"--customize-hook=tar-in {shlex.quote(str(overlay))} /",
        f"--customize-hook={shlex.quote(str(INSIDE / 'image'))} \"$1\"",
        f"--customize-hook=download /root.img {shlex.quote(str(target))}",
        host.suite, "/dev/null", *_sources(host.suite),
    ]  # fmt: skip
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if ran.returncode != 0 or not target.is_file():
        said = (ran.stdout + ran.stderr).decode(errors="replace")
        raise LabError(f"mmdebstrap ended with {ran.returncode}:\n{said[-4000:]}")
