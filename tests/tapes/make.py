"""Makes the tapes of this folder anew: the lesson, at simulated headsets with the shipped records.

Run as `.venv/bin/python -m tests.tapes.make`. Needed when the lesson or the simulation changed on purpose.
"""

from __future__ import annotations

from pathlib import Path

from callseat.learning import script_text
from devices.hid.lesson_script import script_to_plain
from devices.models.record import ModelRecord
from firmware_bridge.tape import Entry
from tests.devices.hid.classroom import Student
from tests.devices.hid.descriptors import CALL_CONTROL, Device, load

FOLDER = Path(__file__).resolve().parent
HEAD = {
    "simulated": True,
    "source": "devices/simulated/headset.py under devices/hid/lesson.py; no real device",
}


def student_of(device: Device) -> Student:
    """A headset that has the manners of its record, taught by what is known of it."""
    known = device.model or ModelRecord(device.name, device.vendor_id, device.product_id)
    return Student(device.descriptor, known, before=known)


def main() -> None:
    for stem in CALL_CONTROL:
        device = load(stem)
        student = student_of(device)
        learned = student.learn()
        assert student.check(learned) == ()
        name = f"simulated:{device.vendor_id:04x}:{device.product_id:04x}"
        entries = [Entry(at, name, way, data, via) for at, way, data, via in student.tape]
        tape = "".join(entry.line() + "\n" for entry in entries)
        (FOLDER / f"{stem}.tape.jsonl").write_text(tape, encoding="utf-8")
        plain = script_to_plain(student.script(learned), name=device.name, **HEAD)
        (FOLDER / f"{stem}.script.json").write_text(script_text(plain), encoding="utf-8")


if __name__ == "__main__":
    main()
