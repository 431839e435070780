"""`callseat` and `python -m callseat`.

May not do anything before the arguments are read: `callseat --help` answers at once.
"""

from __future__ import annotations

from callseat.cli.root import root


def main() -> None:
    """Run the command line; the exit status is 0, or says why not (`callseat --help`)."""
    root(prog_name="callseat")


if __name__ == "__main__":
    main()
