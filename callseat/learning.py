"""A lesson at a real headset: reports, answers and deadlines brought together, and what is left on disk.

May not conclude anything (`devices.hid.lesson_findings` does) and prints nothing: the command line does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callseat import clock
from callseat.device_file import HEX, read_device
from callseat.site_records import read_site_records
from devices.hid.descriptor import parse_descriptor
from devices.hid.fields import Descriptor
from devices.hid.lesson import Answer, Lesson, LessonStep, Prompt
from devices.hid.lesson_findings import Learned
from devices.hid.lesson_script import (
    Mismatch,
    Script,
    check_script,
    script_from_plain,
    script_to_plain,
)
from devices.hid.replay import Said
from devices.models.record import ModelRecord
from devices.models.toml_form import record_toml
from firmware_bridge.tape import IN, OUT, Entry, TapeWriter, load_tape
from firmware_bridge.transport import Transport
from state.errors import ConfigError, ProtocolError, TransportError

RECORD, DESCRIPTOR, TAPE, SCRIPT = "record.toml", "descriptor.json", "tape.jsonl", "script.json"
GOODBYE_S = 2.0
"""Time for the last lamp report of a lesson that was broken off."""


class Classroom:
    """One lesson over one transport; `tape` fills while it runs."""

    def __init__(
        self, device: str, transport: Transport, lesson: Lesson, tell: Callable[[Prompt], None]
    ) -> None:
        self.tape: list[Entry] = []
        self._device = device
        self._transport = transport
        self._lesson = lesson
        self._tell = tell

    async def hold(self, answers: asyncio.Queue[Answer]) -> None:
        """Run the lesson to its end; TransportError when the headset goes. The lamps go out in any case."""
        try:
            await self._hold(answers)
        finally:
            if not self._lesson.finished:
                with suppress(TransportError, ProtocolError, TimeoutError):
                    async with asyncio.timeout(GOODBYE_S):
                        await self._perform(self._lesson.request(Answer.STOP, clock.now()))

    async def _hold(self, answers: asyncio.Queue[Answer]) -> None:
        await self._perform(self._lesson.begin(clock.now()))
        reading = asyncio.create_task(self._transport.read(), name="lesson read")
        asking = asyncio.create_task(answers.get(), name="lesson answer")
        try:
            while not self._lesson.finished:
                due = self._lesson.next_deadline()
                wait_s = None if due is None else max(0.0, due - clock.now())
                await asyncio.wait({reading, asking}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
                at = clock.now()
                if reading.done():
                    report = reading.result()
                    self.tape.append(Entry(at, self._device, IN, report))
                    await self._perform(self._lesson.feed(report, at))
                    reading = asyncio.create_task(self._transport.read(), name="lesson read")
                if asking.done():
                    await self._perform(self._lesson.request(asking.result(), at))
                    asking = asyncio.create_task(answers.get(), name="lesson answer")
                if (reached := clock.reached(self._lesson.next_deadline())) is not None:
                    await self._perform(self._lesson.advance(reached))
        finally:
            reading.cancel()
            asking.cancel()
            await asyncio.gather(reading, asking, return_exceptions=True)

    async def _perform(self, step: LessonStep) -> None:
        for prompt in step.prompts:
            self._tell(prompt)
        for write in step.writes:
            await self._transport.write(write.data, write.via)
            self.tape.append(Entry(clock.now(), self._device, OUT, write.data, write.via))


@dataclass(frozen=True, slots=True)
class Keepsake:
    """Everything a lesson leaves: a record for the site, a fixture, the tape, and the script it must give."""

    learned: Learned
    descriptor: bytes
    tape: tuple[Entry, ...]
    script: Script
    source: str
    simulated: bool = False


def write_learned(folder: Path, kept: Keepsake) -> None:
    """Write the four files; ConfigError names one that cannot be written."""
    record = kept.learned.record
    fixture = {
        "name": record.name,
        "vendor_id": f"0x{record.vendor_id:04x}",
        "product_id": f"0x{record.product_id:04x}",
        "source": kept.source,
        "confidence": "simulated" if kept.simulated else "high",
        HEX: kept.descriptor.hex(),
        "length": len(kept.descriptor),
    }
    head = {"name": record.name, "source": kept.source, "simulated": kept.simulated}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECORD).write_text(record_toml(record), encoding="utf-8")
        (folder / DESCRIPTOR).write_text(_json(fixture), encoding="utf-8")
        (folder / SCRIPT).write_text(script_text(script_to_plain(kept.script, **head)), encoding="utf-8")
        writer = TapeWriter(folder / TAPE)
        for entry in kept.tape:
            writer.write(entry)
        writer.close()
    except OSError as error:
        raise ConfigError(f"{error.filename or folder}: cannot be written: {error.strerror}") from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def script_text(plain: dict[str, Any]) -> str:
    """A press script as a file: one mark a line, so that a change of one shows as one."""
    marks = ",\n".join(f"  {json.dumps(mark, ensure_ascii=False)}" for mark in plain["marks"])
    return _json({**plain, "marks": []}).replace('"marks": []', f'"marks": [\n{marks}\n ]')


def check_learned(folder: Path) -> tuple[ModelRecord, tuple[Mismatch, ...]]:
    """The record of a folder, and where its tape does not give its script."""
    descriptor = read_descriptor(folder / DESCRIPTOR)
    site = read_site_records(folder)
    if len(site.records) != 1 or site.problems:
        why = "; ".join(site.problems) or f"{len(site.records)} records, expected one in {RECORD}"
        raise ConfigError(f"{folder}: {why}")
    record = site.records[0]
    script = read_script(folder / SCRIPT)
    return record, check_script(script, read_inputs(folder / TAPE), descriptor, record)


def read_inputs(path: Path) -> tuple[Said, ...]:
    """What the headset said on a tape; ConfigError where the file cannot be read."""
    return tuple(Said(entry.t, entry.data) for entry in read_entries(path) if entry.direction == IN)


def read_entries(path: Path) -> tuple[Entry, ...]:
    """A tape; ConfigError where the file cannot be read."""
    try:
        return load_tape(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def read_script(path: Path) -> Script:
    """A press script; ConfigError says what is wrong with it."""
    try:
        return script_from_plain(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not JSON: {error}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None


def read_descriptor(path: Path) -> Descriptor:
    """The report descriptor of a device file; ConfigError says what is wrong with it."""
    try:
        return parse_descriptor(read_device(path).descriptor)
    except ProtocolError as error:
        raise ConfigError(f"{path}: {HEX}: {error}") from None
