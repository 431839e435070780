"""A desktop softphone as a line of callseat, with nothing but Python's own library (docs/desktop-lines.md).

`python examples/softphone.py [SOCKET]`. The telephony is pretended: a real phone reports when a thing has
happened, this one at once. The customer is you: type `ring 13800138000`, `end` or `quit`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

SOCKET = "/run/callseat/callseat.sock"
LINE = "softphone"
ABLE = ["answer", "reject", "hang_up", "dial", "hold", "retrieve", "digits", "mute"]
AGAIN_S = 1.0


class Seat:
    """The connection: requests out in order, what the seat wants in; of answers only the refusals matter."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._asked: dict[int, str] = {}

    def ask(self, method: str, **params: Any) -> None:
        """Send a request."""
        number = next(self._numbers)
        self._asked[number] = f"{method} {params.get('event', '')}"
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": {"line": LINE, **params}}
        self._writer.write(json.dumps(request).encode() + b"\n")

    async def commands(self) -> AsyncIterator[dict[str, Any]]:
        """What the seat asks of the line, until the connection ends."""
        while line := await self._reader.readline():
            said = json.loads(line)
            if said.get("method") == "line.command":
                yield said["params"]
            about = self._asked.pop(said.get("id"), "")
            if "error" in said:
                print(f"refused: {about}: {said['error']['message']}", flush=True)


class Phone:
    """The pretended telephony: the calls that are up, and what is done with them."""

    def __init__(self) -> None:
        self.seat: Seat | None = None
        self._names = itertools.count(1)
        self._calls: dict[str, dict[str, str]] = {}

    def register(self, seat: Seat) -> None:
        """Be a line of this seat, with the calls that are up: after a break they go on."""
        self.seat = seat
        seat.ask(
            "line.register", app="example softphone", capabilities=ABLE, calls=list(self._calls.values())
        )

    def ring(self, number: str) -> None:
        """A customer calls."""
        call = self._begin("ringing", "inbound", number)
        self._report(
            "delivered", call=call, state="waiting" if len(self._calls) > 1 else "ringing", number=number
        )

    def end(self) -> None:
        """Every customer hangs up."""
        for call in list(self._calls):
            self._finish(call, by="remote", cause="normal_clearing")

    def obey(self, command: dict[str, Any]) -> None:
        """Do what the seat asks and report it, or say why not."""
        call, verb = command.get("call", ""), command["command"]
        print(f"asked: {verb} {call}".rstrip(), flush=True)  # not all of it: digits are nobody's business
        if call and call not in self._calls:  # the customer was quicker
            self._done(command, ok=False, kind="no_such_call")
            return
        match verb:
            case "answer":
                self._become("established", call, "connected")
            case "reject":
                self._finish(call, by="local", cause="rejected")
            case "hang_up":
                self._finish(call, by="local", cause="normal_clearing")
            case "hold":
                self._become("held", call, "held")
            case "retrieve":
                self._become("retrieved", call, "connected")
            case "dial":
                dialled = self._begin("dialing", "outbound", command["number"])
                self._report("originated", call=dialled, number=command["number"])
                self._report("delivered", call=dialled, state="ringback")
                self._become("established", dialled, "connected")
            case "set_mute":
                self._report("muted", muted=command["muted"])
        self._done(command, ok=True)

    def _begin(self, state: str, direction: str, number: str) -> str:
        name = f"c{next(self._names)}"
        self._calls[name] = {"call": name, "state": state, "direction": direction, "number": number}
        return name

    def _become(self, event: str, call: str, state: str) -> None:
        self._calls[call]["state"] = state
        self._report(event, call=call)

    def _finish(self, call: str, **why: str) -> None:
        del self._calls[call]
        self._report("cleared", call=call, **why)

    def _done(self, command: dict[str, Any], **outcome: Any) -> None:
        if self.seat is not None:
            self.seat.ask("line.done", command=command["id"], **outcome)

    def _report(self, event: str, **members: Any) -> None:
        if self.seat is not None:
            self.seat.ask("line.report", event=event, **members)


async def serve(phone: Phone, path: str) -> None:
    """Stay a line of the seat: when callseat is gone, the calls go on, and are listed when it is back."""
    while True:
        try:
            reader, writer = await asyncio.open_unix_connection(path)
            seat = Seat(reader, writer)
            phone.register(seat)
            async for command in seat.commands():
                phone.obey(command)
            writer.close()
        except OSError as error:
            print(f"no seat: {error}", flush=True)
        phone.seat = None
        await asyncio.sleep(AGAIN_S)


async def main(path: str) -> None:
    """Serve the line while the customer types."""
    phone = Phone()
    serving = asyncio.create_task(serve(phone, path))
    while (line := await asyncio.to_thread(sys.stdin.readline)) and line.strip() != "quit":
        match line.split():
            case ["ring", number]:
                phone.ring(number)
            case ["end"]:
                phone.end()
    serving.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:2] or [SOCKET]))
