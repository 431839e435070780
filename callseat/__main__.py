"""`callseat` and `python -m callseat`.

May not do anything before the arguments are read: `callseat --help` answers at once.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

from callseat.cli.root import root


def main() -> None:
    """Run the command line; the exit status is 0, or says why not (`callseat --help`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Where the locale cannot write Chinese, a question mark beats a traceback.
            stream.reconfigure(errors="replace")
    root(prog_name="callseat")


if __name__ == "__main__":
    main()
