"""Cost of one input report on one core, as a ratio to `int.from_bytes(report, "little") & mask`.

Both walk the same reports in the same run, in turn. Idle: a headset repeats itself; foreign: bits change that
are none of ours (volume, busy tone); press: a key goes down and up. Reader: report to changes; engine: report
to events.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from devices.hid.controls import read_controls  # noqa: E402  the checkout must be found first
from devices.hid.descriptor import parse_descriptor  # noqa: E402  the same
from devices.hid.engine import HeadsetEngine  # noqa: E402  the same
from devices.hid.inputs import InputReader  # noqa: E402  the same
from state.commands import Lamps, SetLamps  # noqa: E402  the same
from state.ids import DeviceId  # noqa: E402  the same
from tests.devices.hid.descriptors import BLACKWIRE, BT700, CX300, D1, JABRA, load  # noqa: E402  the same

RUNS = 9
REPORTS = 10_000
CASES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (JABRA, "idle", ("02 01 00",)),
    (JABRA, "foreign", ("02 01 00", "02 03 00")),
    (JABRA, "press", ("02 01 00", "02 09 00")),
    (JABRA, "digit", ("02 01 00", "02 81 02")),
    (BT700, "idle", ("20 01",)),
    (BT700, "press", ("20 01", "20 09")),
    (BLACKWIRE, "idle", ("08 02",)),
    (D1, "press", ("02 01", "02 05")),
    (CX300, "idle", ("01 00 00 00 40 4e 80 00",)),
    (CX300, "foreign", ("01 00 00 00 40 4e 80 00", "01 00 00 00 40 00 90 00")),
)
"""Device, what happens, and the reports that repeat; redial or flash is the key that is pressed."""
IN_CALL = Lamps(off_hook=True, microphone=True)


def nanoseconds(work: Callable[[list[bytes]], None], reports: list[bytes]) -> float:
    """CPU time of one report."""
    gc.collect()
    begin = time.process_time()
    work(reports)
    return (time.process_time() - begin) / len(reports) * 1e9


def plain(reports: list[bytes]) -> None:
    """What there is to beat: the report as a number, and the bits that matter."""
    mask = 0x7FF00
    value = 0
    for report in reports:
        value = int.from_bytes(report, "little") & mask
    assert value >= 0


def reader_of(name: str) -> Callable[[list[bytes]], None]:
    """Reports to changes."""
    layout = parse_descriptor(load(name).descriptor)
    reader = InputReader(layout, read_controls(layout, load(name).model))

    def work(reports: list[bytes]) -> None:
        for report in reports:
            reader.read(report)

    return work


def engine_of(name: str) -> Callable[[list[bytes]], None]:
    """Reports to events, in a call, 10 ms apart."""
    device = load(name)
    engine = HeadsetEngine(DeviceId("bench"), device.descriptor, device.model)
    engine.request(SetLamps(IN_CALL), 0.0)
    at = 10.0

    def work(reports: list[bytes]) -> None:
        nonlocal at
        for report in reports:
            at += 0.01
            engine.feed(report, at)

    return work


def main() -> None:
    """Measure and print."""
    print(f"{REPORTS} reports, median of {RUNS} runs in turn; ns per report, ratio to from_bytes and mask")
    print(f"{'device':<38}{'case':<9}{'plain':>7}{'reader':>8}{'ratio':>7}{'engine':>8}{'ratio':>7}")
    for name, case, shapes in CASES:
        texts = [bytes.fromhex(shape) for shape in shapes]
        reports = [bytes(bytearray(texts[n % len(texts)])) for n in range(REPORTS)]
        works = (plain, reader_of(name), engine_of(name))
        for work in works:
            work(reports)
        runs = [[nanoseconds(work, reports) for work in works] for _ in range(RUNS)]
        base, reader, engine = (statistics.median(run[n] for run in runs) for n in range(3))
        to_reader = statistics.median(run[1] / run[0] for run in runs)
        to_engine = statistics.median(run[2] / run[0] for run in runs)
        print(f"{name:<38}{case:<9}{base:7.0f}{reader:8.0f}{to_reader:7.1f}{engine:8.0f}{to_engine:7.1f}")


if __name__ == "__main__":
    main()
