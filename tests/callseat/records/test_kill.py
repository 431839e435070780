"""kill -9: whatever a flush has vouched for is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from callseat.records import RecordStore, query_calls
from state.words import CallState
from tests.support import ROOT

WRITER = """
import sys
from pathlib import Path
from callseat.records import RecordStore
from state.rows import CallRow
from state.words import CallState, Direction

store = RecordStore(Path(sys.argv[1]), "s1", "boot1")
store.start()
n = 0
while True:
    for _ in range(3):
        n += 1
        row = CallRow(f"s1-{n}", "desk", f"desk-{n}", Direction.INBOUND, "1", CallState.CONNECTED)
        store.write(row)
    store.flush().result()
    print(n, flush=True)
    store.write(row)
"""
VOUCHED = 30


def test_every_flushed_row_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as child:
        assert child.stdout is not None
        vouched = 0
        for line in child.stdout:
            vouched = int(line)
            if vouched >= VOUCHED:
                child.send_signal(signal.SIGKILL)
        child.wait()
    assert child.returncode == -signal.SIGKILL
    assert vouched >= VOUCHED
    written = {call.row.record for call in query_calls(path, limit=10_000)}
    assert {f"s1-{n}" for n in range(1, vouched + 1)} <= written
    later = RecordStore(path, "s2", "boot1")
    later.start()
    try:
        left = later.load_open().open_records
        assert later.status().notices == ()
    finally:
        later.close()
    assert {each.row.record for each in left} == written
    assert {each.row.state for each in left} == {CallState.CONNECTED}
