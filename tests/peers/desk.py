"""A whole seat on a real peer: `callseat run` with the peer's port as its line, followed over the socket.

May not look inside the daemon: what is true is what the socket tells, and what the peer saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from callseat.api.client import ApiClient
from callseat.api.errors import RequestError
from tests.callseat.cli.daemon_kit import PATIENCE_S, Daemon

AT_SEAT = """
[[line]]
id = "desk"
backend = "at"
profile = "{profile}"
port = "{port}"
[[headset]]
id = "headset"
[silent_call]
mode = "off"
"""
LOG_CHARS = 2000
PAUSE_S = 0.8
"""Longer than any window in which a report may be the answer to a write of ours (devices/hid/echo.py)."""
Told = tuple[str, dict[str, Any]]


def at_seat(port: Path, profile: str) -> str:
    """A seat whose line is an AT device on this port."""
    return AT_SEAT.format(port=port, profile=profile)


class Desk:
    """The daemon and one client that hears everything; an agent is signed in and ready."""

    def __init__(self, seat: str, env: Mapping[str, str] | None = None) -> None:
        """`seat`: the tables of its configuration; `env`: what its environment has besides ours."""
        self.daemon = Daemon(seat)
        self._env = dict(env or {})
        self.client: ApiClient
        self._unread: list[Told] = []
        self._moved = asyncio.Event()
        self._following: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        try:
            await self._start()
            await self.client.call("agent.sign_in", {"agent": "1007"})
            await self.client.call("agent.set_state", {"state": "ready"})
        except BaseException:
            self.daemon.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)
        await self.client.close()
        self.daemon.close()

    async def until(self, condition: Callable[[Any], object]) -> Any:
        """Follow the seat until its picture meets the condition; the picture."""
        await self._wait(lambda: condition(self.client.snapshot), lambda: f"never so: {self.client.snapshot}")
        return self.client.snapshot

    async def heard(self, topic: str) -> dict[str, Any]:
        """The next notification of this topic; what was told before it is forgotten."""
        topics: list[str] = []

        def found() -> bool:
            topics[:] = [told for told, _ in self._unread]
            return topic in topics

        await self._wait(found, lambda: f"no {topic}, only {topics}")
        place = topics.index(topic)
        _, params = self._unread[place]
        del self._unread[: place + 1]
        return params

    async def ask(self, method: str, **params: object) -> Any:
        """Ask for something that the seat does."""
        return await self.client.call(method, params, answer_s=PATIENCE_S)

    async def refused(self, method: str, **params: object) -> RequestError:
        """Ask for something that is refused; how."""
        try:
            done = await self.ask(method, **params)
        except RequestError as error:
            return error
        raise AssertionError(f"{method} {params} was done: {done}")

    async def pause(self) -> None:
        """As long as a person needs from one deed to the next; the daemon must live through it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_S):
                await asyncio.shield(self._following)
                raise AssertionError(f"the daemon is gone\n{self.daemon.log()[-LOG_CHARS:]}")

    async def press(self, button: str = "hook") -> None:
        """The agent presses a key of the simulated headset."""
        await self.pause()
        await self.ask("simulated.act", act="press", button=button)

    async def rings(self) -> dict[str, Any]:
        """The next call that is offered, and shown: a notification is told before the picture has it."""
        delivered = await self.heard("call.delivered")
        await self.until(lambda now: delivered["call"] in now["calls"])
        return delivered

    async def calls(self, *states: str) -> list[dict[str, Any]]:
        """The calls, oldest first, once they are in these states."""
        now = await self.until(
            lambda now: sorted(c["state"] for c in now["calls"].values()) == sorted(states)
        )
        return list(now["calls"].values())

    async def _start(self) -> None:
        try:
            await asyncio.to_thread(self.daemon.start, **self._env)
        except TimeoutError:
            raise AssertionError(f"the daemon does not start\n{self.daemon.log()[-LOG_CHARS:]}") from None
        self.client = await ApiClient.connect(self.daemon.socket)
        self._following = asyncio.create_task(self._follow(await self.client.subscribe()))
        await self.until(lambda now: now["lines"].get("desk", {}).get("in_service"))
        await self.until(lambda now: "headset" in now["devices"])

    async def restart(self, number: int) -> None:
        """End the daemon by this signal and start another one; the agent stays signed in."""
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)
        await self.client.close()
        await asyncio.to_thread(self.daemon.stop, number)
        self._unread.clear()
        await self._start()

    async def _follow(self, happenings: AsyncIterator[Told]) -> None:
        async for told in happenings:
            self._unread.append(told)
            self._moved.set()

    async def _wait(self, condition: Callable[[], object], complaint: Callable[[], str]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError(f"{complaint()}\n{self.daemon.log()[-LOG_CHARS:]}") from None
