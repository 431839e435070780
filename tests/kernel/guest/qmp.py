"""QEMU's machine protocol, as much of it as saving a state takes.

May not know what is saved. JSON objects, one per line; events come between answers.
"""

from __future__ import annotations

import json
import select
import socket
from typing import Any

from tests.kernel.guest.host import LabError


class Qmp:
    """One connection; the greeting is read when it is made."""

    def __init__(self, connection: socket.socket) -> None:
        self._lines = connection.makefile("rw", encoding="utf-8")
        self._read()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        """What QEMU answers to one command; LabError when it refuses."""
        self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._lines.flush()
        answer = self._read()
        while "event" in answer:
            answer = self._read()
        if "error" in answer:
            raise LabError(f"QEMU refused {command}: {answer['error'].get('desc')}")
        returned = answer["return"]
        return returned if isinstance(returned, dict) else {}

    def migrate(self, uri: str) -> None:
        """Write the machine's state and wait until it is out."""
        self.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self.ask("migrate", uri=uri)
        status = ""
        while status != "completed":
            status = str(self.ask("query-migrate").get("status", ""))
            if status == "failed":
                raise LabError("QEMU could not save the guest's state")
            select.select([], [], [], 0.05)

    def _read(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise LabError("QEMU ended while it was asked something")
        answer: dict[str, Any] = json.loads(line)
        return answer
