"""Somebody presses each key of a headset once, and sees whether the seat heard and acknowledged it.

May not answer, dial or end a call: it holds the headset's lease, so that presses mean nothing to the seat,
and stops when a call comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from callseat.api.client import ApiClient
from callseat.api.errors import RequestError
from firmware_bridge.transport import gone

APP = "callseat devices check"

LAMP_S = 0.5
"""A press is told before its lamp is written: so long an acknowledgement may still be under way."""
AGAIN = "press the call key once more: the headset was off-hook"

PASSED, FAILED, ABSENT, STOPPED = "passed", "failed", "absent", "stopped"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One key to press: the feature that has it, its notification, and what to do when none comes."""

    name: str
    feature: str
    topic: str
    ask: str
    remedy: str


STEPS = (
    Step(
        "call key",
        "hook",
        "device.hookswitch",
        "press the call key once",
        "is it switched on, near its base, and paired? `callseat doctor devices` says who else has it",
    ),
    Step(
        "mute key",
        "mute",
        "device.mute",
        "press the mute key once",
        "is the boom arm down? some headsets mute by themselves and tell nobody: see `callseat devices show`",
    ),
    Step(
        "mute key again",
        "mute",
        "device.mute",
        "press the mute key once more, so that it is as before",
        "un-mute at the headset; one that stays muted has its boom arm up",
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step went."""

    step: str
    result: str
    message: str


async def check_headset(client: ApiClient, named: str | None, say: Say, *, within_s: float) -> dict[str, Any]:
    """Every step at one headset, told as it goes; RequestError when it may not be checked now."""
    happenings = await client.subscribe()
    device, view = _pick(client.snapshot["devices"], named)
    _refuse_in_a_call(client.snapshot)
    before = await _acks(client, device)
    await client.call("headset.acquire", {"device": device, "app": APP})
    presses = _Presses(happenings, device)
    outcomes: list[Outcome] = []
    try:
        for step in STEPS:
            outcomes.append(await _step(step, view["features"], presses, within_s, say))
            if outcomes[-1].result == STOPPED:
                break
            if step.feature == "hook":
                await client.call("headset.show", {"device": device, "off_hook": True})
        if outcomes[-1].result == PASSED:
            await asyncio.sleep(LAMP_S)
    finally:
        await presses.close()
        await client.call("headset.release", {"device": device})
    outcomes.append(_acknowledged(before, await _acks(client, device)))
    say(_line(outcomes[-1]))
    ok = all(each.result in {PASSED, ABSENT} for each in outcomes)
    return {"device": device, "ok": ok, "steps": [asdict(each) for each in outcomes]}


def _pick(devices: Mapping[str, Any], named: str | None) -> tuple[str, Any]:
    """The headset meant."""
    headsets = {name: view for name, view in devices.items() if view["kind"] == "headset"}
    if named is None and len(headsets) == 1:
        return next(iter(headsets.items()))
    if named in headsets:
        return named, headsets[named]
    known = ", ".join(headsets) or "none attached; `callseat doctor devices` says why"
    raise RequestError("no_such_device", f"which headset? there are: {known}")


def _refuse_in_a_call(snapshot: Mapping[str, Any]) -> None:
    if snapshot["calls"]:
        raise RequestError("busy", f"a call is up ({', '.join(snapshot['calls'])}): check when it is over")


async def _acks(client: ApiClient, device: str) -> Mapping[str, float]:
    """How quickly presses at this headset were acknowledged, as the daemon measured it."""
    info = await client.call("server.info")
    told: Mapping[str, float] = info.get("ack_ms", {}).get(device, {"count": 0})
    return told


def _acknowledged(before: Mapping[str, float], after: Mapping[str, float]) -> Outcome:
    fresh = int(after["count"] - before["count"])
    if fresh < 1:
        return Outcome("acknowledged", ABSENT, "no press needed a lamp in answer")
    took = f"half of all within {after['p50']:.1f} ms, the slowest {after['max']:.1f} ms"
    return Outcome("acknowledged", PASSED, f"{fresh} presses by a lamp; {took}")


async def _step(step: Step, features: list[str], presses: _Presses, within_s: float, say: Say) -> Outcome:
    if step.feature not in features:
        outcome = Outcome(step.name, ABSENT, "this headset has none")
    else:
        say(f"{step.ask} (within {within_s:g} s)")
        outcome = await presses.wait(step, within_s, say)
    say(_line(outcome))
    return outcome


def _line(outcome: Outcome) -> str:
    return f"  {outcome.step}: {outcome.result}: {outcome.message}"


class _Presses:
    """What the seat tells of one headset, a press at a time."""

    def __init__(self, happenings: AsyncIterator[tuple[str, dict[str, Any]]], device: str) -> None:
        self._device = device
        self._heard: asyncio.Queue[tuple[str, dict[str, Any]] | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(happenings), name="presses")

    async def _read(self, happenings: AsyncIterator[tuple[str, dict[str, Any]]]) -> None:
        try:
            async for told in happenings:
                self._heard.put_nowait(told)
        finally:
            self._heard.put_nowait(None)

    async def close(self) -> None:
        """Listen no more."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def wait(self, step: Step, within_s: float, say: Say) -> Outcome:
        """The press this step asks for, or what came instead; TransportError when the seat goes."""
        elsewhere = ""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    topic, params = await self._next()
                    if topic.startswith("call."):
                        return Outcome(step.name, STOPPED, "a call came: check when it is over")
                    if topic == "device.removed" and params["device"] == self._device:
                        return Outcome(
                            step.name, STOPPED, f"it is gone ({params['reason']}): plug it in again"
                        )
                    if topic != step.topic:
                        continue
                    if params["device"] != self._device:
                        elsewhere = f"it came from {params['device']}; "
                    elif params.get("off_hook") is False:
                        say(AGAIN)
                    else:
                        return Outcome(step.name, PASSED, _said(step, params))
        except TimeoutError:
            return Outcome(step.name, FAILED, f"{elsewhere}nothing came: {step.remedy}")

    async def _next(self) -> tuple[str, dict[str, Any]]:
        told = await self._heard.get()
        if told is None:
            await self._reading
            raise gone("the seat", "it stopped")
        return told


def _said(step: Step, params: Mapping[str, Any]) -> str:
    if step.topic == "device.mute":
        return "muted" if params["muted"] else "live"
    return "off-hook"
