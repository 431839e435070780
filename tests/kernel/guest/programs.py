"""C programs of the tests, compiled on the host: the guest has no compiler, and a slow processor.

May not change the sources. A program is found in the guest in the folder CALLSEAT_LAB_BIN names.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from tests.kernel.guest.cache import make_folder
from tests.kernel.guest.host import output_of

SOURCES = Path(__file__).parent.parent / "c"
# Static: the guest's C library may be older than the host's.
COMPILE = ("gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static")


def compile_programs(folder: Path) -> Path:
    """The folder with tests/kernel/c/NAME.c as NAME, made anew for new sources; to be called locked."""
    sources = sorted(SOURCES.glob("*.[ch]"))
    digest = hashlib.sha256(repr(COMPILE).encode())
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    target = folder / f"programs-{digest.hexdigest()[:12]}"
    if target.is_dir():
        return target

    def fill(place: Path) -> None:
        # Readable by whoever runs in the guest, whatever our umask.
        place.chmod(0o755)
        for source in sources:
            if source.suffix == ".c":
                program = place / source.stem
                output_of(*COMPILE, source, "-o", program)
                program.chmod(0o755)

    make_folder(target, fill)
    for other in folder.glob("programs-*"):
        if other != target:
            shutil.rmtree(other, ignore_errors=True)
    return target
