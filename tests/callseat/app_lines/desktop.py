"""A desktop app at the daemon's socket: reads and writes lines, nothing of callseat's own client.

May not wait without a limit: what does not come in time fails the test.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import deque
from pathlib import Path
from typing import Any, Self

from tests.callseat.app_lines.kit import EVERYTHING, LINE
from tests.callseat.cli.daemon_kit import PATIENCE_S


class Desktop:
    """One connection; `commands` keeps what the seat asked of the app."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self.commands: deque[dict[str, Any]] = deque()

    @classmethod
    async def connect(cls, path: Path) -> Self:
        return cls(*await asyncio.open_unix_connection(path, limit=1 << 24))

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    def post(self, method: str, **params: object) -> int:
        """Send a request; its number."""
        number = next(self._numbers)
        line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        self._writer.write(line.encode() + b"\n")
        return number

    async def ask(self, method: str, **params: object) -> Any:
        """The answer to a request: its result, or its error's kind."""
        answer = await self.answer(self.post(method, **params))
        return answer["result"] if "result" in answer else answer["error"]["data"]["kind"]

    async def answer(self, number: int) -> Any:
        while (line := await self._line()).get("id") != number:
            self._keep(line)
        return line

    async def register(self, *calls: dict[str, str], line: str = LINE, **more: object) -> Any:
        listed = {"calls": list(calls)} if calls else {}
        params = {"line": line, "app": "Acme", "capabilities": EVERYTHING, **listed, **more}
        return await self.ask("line.register", **params)

    async def tell(self, event: str, call: str | None = None, **members: object) -> Any:
        named = {} if call is None else {"call": call}
        return await self.ask("line.report", line=LINE, event=event, **named, **members)

    async def done(self, order: dict[str, Any], **outcome: object) -> Any:
        return await self.ask("line.done", line=LINE, command=order["id"], **{"ok": True, **outcome})

    async def asked(self, command: str) -> dict[str, Any]:
        """The next thing the seat asks of the app, which is this."""
        while not self.commands:
            self._keep(await self._line())
        order = self.commands.popleft()
        assert order["command"] == command, order
        return order

    async def close(self) -> None:
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)

    async def _line(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            line = await self._reader.readline()
        assert line, "the daemon closed the connection"
        return dict(json.loads(line))

    def _keep(self, line: dict[str, Any]) -> None:
        if line.get("method") == "line.command":
            self.commands.append(line["params"])
