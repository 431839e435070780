"""Between the socket server and the seat: commands in, pictures, happenings and answers out.

May not decide anything; a question about records is answered in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from callseat import clock
from callseat.api.errors import RequestError
from callseat.api.line_params import LineAsk
from callseat.api.server import ApiServer
from callseat.app_lines.switch import AppLines
from callseat.ports import CorePort, Post
from callseat.runtime.parts import Act, Query
from callseat.runtime.service import Service
from state.commands import Command
from state.effects import Publish, Reply
from state.events import ClientLeft, CommandRequested
from state.ids import RequestId
from state.snapshot import Snapshot
from state.words import Basis

SOCKET_STOP_S = 2.0


class SeatDoor:
    """The seat as the socket server sees it."""

    def __init__(
        self,
        core: CorePort,
        post: Post,
        queries: Mapping[str, Query] | None,
        acts: Mapping[str, Act],
        lines: AppLines,
    ) -> None:
        self._core = core
        self._post = post
        self._queries = dict(queries or {})
        self._acts = dict(acts)
        self._lines = lines

    def snapshot(self) -> Snapshot:
        """The seat as it is now."""
        return self._core.snapshot()

    def submit(self, command: Command, request: RequestId, client: str) -> None:
        """Queue a command; the core answers with a Reply."""
        self._post(CommandRequested(clock.now(), client, command, Basis.APP, request))

    def serve(self, asked: LineAsk, client: str) -> Mapping[str, object]:
        """Take what an app that is a line tells."""
        return self._lines.ask(asked, client)

    def left(self, client: str) -> None:
        """A client is gone: what it held is free, the lines it served are out of service."""
        self._lines.left(client)
        self._post(ClientLeft(clock.now(), client))

    async def query(self, name: str, params: Mapping[str, object]) -> object:
        """Act on a simulated device, or answer a question about records."""
        if name in self._acts:
            return await self._acts[name](params)
        if name not in self._queries:
            raise RequestError("not_supported", f"{name}: this seat has nothing of the kind")
        return await asyncio.to_thread(self._queries[name], params)


class SocketPublic:
    """The socket server as the executor and the consumer see it."""

    def __init__(
        self,
        path: Path,
        door: SeatDoor,
        wall: Callable[[float], float | None],
        about: Mapping[str, object],
        health: Callable[[], Mapping[str, object]],
    ) -> None:
        self.server = ApiServer(path, door, about=about, health=health)
        self._wall = wall

    def publish(self, effect: Publish) -> None:
        """Tell subscribers."""
        at = clock.now()
        self.server.publish(effect.topic, effect.data, at, self._wall(at))

    def reply(self, effect: Reply) -> None:
        """Answer a request of a client; a request of nobody at the socket is not the server's."""
        self.server.reply(effect)

    def command(self, client: str, params: Mapping[str, object]) -> bool:
        """Ask something of the app that serves a line; False: it is gone."""
        return self.server.command(client, params)

    def show(self, snapshot: Snapshot) -> None:
        """Send what changed."""
        self.server.snapshot_changed(snapshot, self._wall(snapshot.at))


def socket_service(public: SocketPublic) -> Service:
    """The server's beginning and end."""
    return Service("socket", public.server.start, public.server.close, SOCKET_STOP_S)
