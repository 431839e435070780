"""`callseat run`: the daemon.

May not decide anything: it reads the configuration, has the seat put together and runs it.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callseat.cli.options import ConfigOption, ListenOption

if TYPE_CHECKING:
    from callseat.assembly import Assembly
    from callseat.config import Config

log = logging.getLogger("callseat")

LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""sd-daemon(3): `<n>` at the head of a line on stderr is its priority in the journal."""


class JournaldFormatter(logging.Formatter):
    """One line, its priority in front where journald reads it, the time where a person does."""

    def __init__(self, journald: bool) -> None:
        super().__init__(
            "%(name)s: %(message)s" if journald else "%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        self._journald = journald

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """A traceback, with the numbers its message may carry masked."""
        from callseat.masking import mask_text

        return mask_text(super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        """The record as text; every line of it carries the priority."""
        text = super().format(record)
        if not self._journald:
            return text
        mark = f"<{LEVELS.get(record.levelno, 6)}>"
        return "\n".join(mark + line for line in text.splitlines())


def add_to(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(run)


def run(
    config: ConfigOption = None,
    socket: ListenOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every step.")] = False,
) -> None:
    """Serve a seat until SIGTERM or Ctrl-C.

    `callseat config example` prints a configuration to begin with: a simulated seat.
    """
    from dataclasses import replace

    from callseat.assembly import assemble
    from callseat.config import find_config, load_config

    loaded = load_config(find_config(config))
    if socket is not None:
        loaded = replace(loaded, socket_path=socket, given=loaded.given | {"socket.0.path"})
    _log_to_stderr(verbose)
    seat = assemble(loaded)
    _log_start(seat, loaded)
    serve(seat)


SWITCH_S = 0.001
"""How long a thread that is ready waits for the one that runs."""


def serve(seat: Assembly) -> None:
    """Run the seat until it is told to stop; a ConfigError is the operator's, all else our own fault."""
    import asyncio
    import gc

    from callseat.loops import ScaledLoop
    from callseat.notify import Notifier, watchdog_interval_s

    notifier = Notifier.from_environ()
    # A lamp is written by a thread: Python's own 5 ms is how long the loop may keep it from doing so.
    sys.setswitchinterval(SWITCH_S)
    # What is there by now stays: the collector need not walk through it, which takes longer than a press may.
    gc.collect()
    gc.freeze()

    async def main() -> None:
        app = seat.app(handle_signals=True, notifier=notifier, watchdog_every_s=watchdog_interval_s())
        await app.run()
        if app.overdue.names:
            log.warning("did not stop in time: %s", ", ".join(app.overdue.names))

    try:
        with asyncio.Runner(loop_factory=ScaledLoop) as runner:
            runner.run(main())
    finally:
        notifier.close()
    log.info("stopped")


def _log_start(seat: Assembly, config: Config) -> None:
    from callseat.config import show
    from callseat.masking import OURS

    log.info("session %s, configuration in effect:", seat.config.seat.session, extra=OURS)
    for line in show(config).splitlines():
        if line:
            log.info("  %s", line, extra=OURS)


def _log_to_stderr(verbose: bool) -> None:
    import os

    from callseat.masking import MaskNumbers

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JournaldFormatter("JOURNAL_STREAM" in os.environ))
    handler.addFilter(MaskNumbers())
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True)
    # One line for every callback of every machine, at INFO: our own journal tells the decisions.
    logging.getLogger("transitions").setLevel(logging.WARNING)
    sys.excepthook = _log_crash


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A programming error ends the daemon, for systemd to restart; the phone works on meanwhile."""
    log.critical("ended by its own fault", exc_info=(kind, error, trace))
