"""Debian's stock kernel for the guest: unpacked, its named modules, and the first file system.

May not install the package on the host. The cloud kernel has no USB and no sound; the stock one has both.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

from tests.kernel.guest.host import LabError, output_of

INITRD_MODULES = (
    "virtio_pci", "virtio_mmio", "virtio_blk", "ext4", "crc32c_generic", "overlay", "virtio_console",
    "9p", "9pnet_virtio",
)  # fmt: skip
"""Modules without which there is no root: in Debian's kernels all of these are modules."""

MODULES = (
    *INITRD_MODULES, "virtio_rng", "autofs4", "fuse", "loop",
    "evdev", "uinput", "uhid", "usbhid", "hid-generic", "hid-jabra", "hid-plantronics",
    "usbmon", "usbip-core", "vhci-hcd", "cdc-acm",
    "snd-usb-audio", "snd-aloop", "snd-seq", "snd-hrtimer",
)  # fmt: skip
"""Everything else is left out of the guest, so that nothing else is loaded by itself at boot."""

_PACKERS = ((b"\x28\xb5\x2f\xfd", "zstd"), (b"\xfd7zXZ\0", "xz"), (b"\x1f\x8b\x08", "gzip"))
"""Magic numbers inside a bzImage, and the program that unpacks what follows."""


@dataclass(frozen=True, slots=True)
class KernelPackage:
    """One package of apt's, not fetched yet."""

    name: str
    version: str


def find_kernel(architecture: str) -> KernelPackage:
    """The stock kernel the suite's own meta package names today."""
    meta = f"linux-image-{architecture}"
    depends = output_of("apt-cache", "depends", meta)
    named = re.search(r"Depends: (linux-image-\S+)", depends)
    if named is None:
        raise LabError(f"apt's {meta} names no kernel")
    policy = output_of("apt-cache", "policy", named[1])
    version = re.search(r"Candidate: (\S+)", policy)
    if version is None:
        raise LabError(f"apt has no {named[1]}")
    return KernelPackage(named[1], version[1])


def unpack_kernel(package: KernelPackage, place: Path) -> Path:
    """Fetch and unpack it under `place`; the folder that holds boot/ and lib/modules/."""
    place.mkdir(parents=True)
    # apt's own sandbox user may not write here; the file is checked against the signed lists all the same.
    output_of(
        "apt-get",
        "-qq",
        "-o",
        "APT::Sandbox::User=root",
        "download",
        f"{package.name}={package.version}",
        cwd=place,
    )
    (archive,) = place.glob("*.deb")
    root = place / "unpacked"
    output_of("dpkg-deb", "-x", archive, root)
    if not (root / "lib").exists():
        (root / "lib").symlink_to("usr/lib")
    output_of("depmod", "-b", root, release_of(root))
    return root


def release_of(root: Path) -> str:
    """The kernel's release, as uname -r will say it."""
    (modules,) = (root / "lib/modules").iterdir()
    return modules.name


def write_kernel(root: Path, architecture: str, target: Path) -> None:
    """The image QEMU boots. On amd64 the ELF inside it: by PVH it skips seconds of unpacking under TCG."""
    (image,) = (root / "boot").glob("vmlinuz-*")
    if architecture != "amd64":
        shutil.copyfile(image, target)
        return
    data = image.read_bytes()
    for magic, program in _PACKERS:
        at = data.find(magic)
        while at >= 0:
            ran = subprocess.run([program, "-dc"], input=data[at:], capture_output=True, check=False)
            if ran.stdout.startswith(b"\x7fELF"):
                target.write_bytes(ran.stdout)
                return
            at = data.find(magic, at + 1)
    raise LabError(f"found no kernel inside {image.name}")


def copy_modules(root: Path, target: Path) -> None:
    """The named modules and what they need, with fresh lists of what is there, under a guest's `target`."""
    release = release_of(root)
    # Resolved, as the files are: newer packages have usr/lib, and lib is our link to it.
    folder = (root / "lib/modules").resolve() / release
    copied = target / "usr/lib/modules" / release
    copied.mkdir(parents=True)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copyfile(folder / name, copied / name)
    for file in _files_of(root, MODULES):
        place = copied / file.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    output_of("depmod", "-b", target / "usr", release)


def write_initrd(root: Path, init: Path, place: Path, target: Path) -> None:
    """The first file system: busybox, our /init, and the modules in the order they are loaded."""
    for folder in ("bin", "modules", "proc", "sys", "dev", "newroot", "lower", "rw"):
        (place / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", place / "bin/busybox")
    shutil.copyfile(init, place / "init")
    (place / "init").chmod(0o755)
    order = []
    for file in _files_of(root, INITRD_MODULES):
        packed = file.read_bytes()
        name = file.name.removesuffix(".xz")
        (place / "modules" / name).write_bytes(lzma.decompress(packed) if file.suffix == ".xz" else packed)
        order.append(name)
    (place / "modules/order").write_text("".join(f"{name}\n" for name in order))
    names = "".join(f"{path.relative_to(place)}\0" for path in sorted(place.rglob("*")))
    packed = subprocess.run(
        ["cpio", "--null", "--create", "--format=newc", "--owner=0:0", "--quiet"],
        input=names.encode(), cwd=place, stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    squeezed = zlib.compressobj(1, zlib.DEFLATED, 31)
    target.write_bytes(squeezed.compress(packed) + squeezed.flush())


def _files_of(root: Path, modules: tuple[str, ...]) -> list[Path]:
    """The files of these modules, each after what it depends on; one that is built in has none."""
    found: dict[Path, None] = {}
    for module in modules:
        shown = output_of("modprobe", "-d", root, "-S", release_of(root), "--show-depends", module)
        for line in shown.splitlines():
            if line.startswith("insmod "):
                found[Path(os.path.realpath(line.split()[1]))] = None
    return list(found)
