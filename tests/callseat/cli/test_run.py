"""What `callseat run` says on stderr, and how it ends when something is wrong."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from callseat.cli.group import status_of
from callseat.cli.run import JournaldFormatter
from callseat.masking import MaskNumbers
from state.errors import Blame, ConfigError, ProtocolError, ProtocolReason, TransportError, TransportReason
from tests.callseat.cli.daemon_kit import FILES, PATIENCE_S, SIMULATED_SEAT, Daemon
from tests.support import ROOT

Logged = tuple[logging.Logger, io.StringIO, logging.StreamHandler[io.StringIO]]


@pytest.fixture(name="logged")
def _logged() -> Iterator[Logged]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskNumbers())
    logger = logging.getLogger("callseat.test")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger, stream, handler
    logger.removeHandler(handler)


def test_under_journald_every_line_has_its_priority_and_no_time(logged: Logged) -> None:
    logger, stream, handler = logged
    handler.setFormatter(JournaldFormatter(journald=True))
    logger.info("call from %s", "13800138000")
    logger.error("two\nlines")
    assert stream.getvalue() == ("<6>callseat.test: call from *********00\n<3>callseat.test: two\n<3>lines\n")


def test_a_person_sees_time_and_level_and_a_traceback_is_masked(logged: Logged) -> None:
    logger, stream, handler = logged
    handler.setFormatter(JournaldFormatter(journald=False))
    try:
        raise KeyError("13800138000")
    except KeyError:
        logger.exception("ended")
    text = stream.getvalue()
    assert " ERROR callseat.test: ended\n" in text
    assert "KeyError: '*********00'" in text
    assert "13800138000" not in text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigError("x"), 2),
        (TransportError(TransportReason.GONE, "x"), 3),
        (ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, "x"), 1),
    ],
)
def test_each_kind_of_error_has_its_exit_status(error: Exception, status: int) -> None:
    assert isinstance(error, ConfigError | TransportError | ProtocolError)
    assert status_of(error) == status


def _run(config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "callseat", "run", "--config", str(config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('path = "records.sqlite"', 'path = "/proc/none/r"', "[records] path: /proc/none/r"),
        ('path = "s"', 'path = "/proc/none/s"', "/proc/none"),
        ("[prompts]", '[prompts]\nphrases = "none"', "[prompts] phrases:"),
        ("[socket]", "[socket]\nnone = 1", "[socket] none: unknown"),
    ],
)
def test_what_the_operator_has_to_mend_is_the_last_line_and_status_2(
    tmp_path: Path, good: str, bad: str, words: str
) -> None:
    assert good in FILES
    path = tmp_path / "callseat.toml"
    path.write_text(SIMULATED_SEAT + FILES.replace(good, bad), "utf-8")
    done = _run(path)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_programming_error_ends_with_a_traceback_in_the_log(tmp_path: Path) -> None:
    """The consumer raises: a socket request reaches a core that has been broken on purpose."""
    path = tmp_path / "callseat.toml"
    path.write_text(SIMULATED_SEAT + FILES.replace('path = "s"', f'path = "{tmp_path}/s"'), "utf-8")
    broken = (
        "import callseat.core.core as core\n"
        "def handle(self, event): raise KeyError('13800138000')\n"
        "core.Core.handle = handle\n"
        "from callseat.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken, "run", "--config", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "JOURNAL_STREAM": "8:1"},
    )
    assert done.returncode == 1
    assert "<2>callseat: ended by its own fault" in done.stderr
    assert "13800138000" not in done.stderr
    assert "KeyError: '*********00'" in done.stderr


def test_the_watchdog_is_fed_and_ctrl_c_is_a_clean_stop() -> None:
    daemon = Daemon()
    try:
        daemon.start(WATCHDOG_USEC="2000000")
        assert daemon.told("WATCHDOG=1") == daemon.told("WATCHDOG=1") == "WATCHDOG=1"
        assert daemon.stop(signal.SIGINT) == 0
        assert daemon.told("STOPPING=1") == "STOPPING=1"
        assert daemon.log().endswith("INFO callseat: stopped\n")
        assert not daemon.socket.exists()
    finally:
        daemon.close()
