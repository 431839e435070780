"""`callseat devices check` and `identify` against a real daemon with a simulated headset."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from callseat.api.client import ApiClient
from callseat.api.errors import RequestError
from callseat.diagnosis.presses import APP, check_headset
from tests.callseat.cli.daemon_kit import SIMULATED_SEAT, Daemon, until

TWO_HEADSETS = SIMULATED_SEAT + '[[headset]]\nid = "second"\n'
FINGER_S = 0.2
"""No finger is quicker, and a second press within some 30 ms is the bounce of the first (ModelRecord)."""
KEYS = {"press the call key": "hook", "press the mute key": "mute"}


@pytest.fixture(name="daemon", scope="module")
def _daemon() -> Iterator[Daemon]:
    daemon = Daemon(TWO_HEADSETS)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.close()


class Hand:
    """Presses what it is asked to press, at the headset it holds."""

    def __init__(
        self, client: ApiClient, headset: str, *, deaf_to: str = "", act: str = "press", times: int = 1
    ) -> None:
        self.said: list[str] = []
        self._client = client
        self._headset = headset
        self._deaf_to = deaf_to
        self._act = act
        self._times = times
        self._acting: set[asyncio.Task[Any]] = set()
        self._free_at = 0.0

    def hear(self, text: str) -> None:
        """Listen to the check; act when it asks."""
        self.said.append(text)
        key = next((key for ask, key in KEYS.items() if text.startswith(ask)), "")
        if key and key != self._deaf_to:
            self._acting.add(asyncio.create_task(self._press(key)))

    async def _press(self, key: str) -> None:
        params = {"act": self._act} | (
            {"device": self._headset, "button": key} if self._act == "press" else {}
        )
        for _ in range(self._times):
            while (now := (await self._client.call("server.info"))["at"]) < self._free_at:
                pass
            await self._client.call("simulated.act", params)
            self._free_at = now + FINGER_S

    async def done(self) -> None:
        await asyncio.gather(*self._acting)


def _check(daemon: Daemon, named: str, *, within_s: float = 20.0, **hand: Any) -> tuple[dict[str, Any], Hand]:
    async def main() -> tuple[dict[str, Any], Hand]:
        async with (
            await ApiClient.connect(daemon.socket) as own,
            await ApiClient.connect(daemon.socket) as act,
        ):
            pressing = Hand(act, hand.pop("headset", named), **hand)
            told = await check_headset(own, named, pressing.hear, within_s=within_s)
            await pressing.done()
            return told, pressing

    _wait(daemon, lambda now: len(now["devices"]) == 2)
    return asyncio.run(main())


def _wait(daemon: Daemon, condition: Callable[[Any], bool]) -> None:
    async def main() -> None:
        async with await ApiClient.connect(daemon.socket) as client:
            await until(condition, client)

    asyncio.run(main())


def _results(told: dict[str, Any]) -> dict[str, str]:
    return {each["step"]: each["result"] for each in told["steps"]}


def _picture(daemon: Daemon) -> Any:
    return daemon.json("status")["snapshot"]


def test_every_key_arrives_and_nothing_is_called(daemon: Daemon) -> None:
    told, hand = _check(daemon, "headset")
    assert told["ok"], told
    assert _results(told) == dict.fromkeys(
        ("call key", "mute key", "mute key again", "acknowledged"), "passed"
    )
    assert [each["message"] for each in told["steps"]][:3] == ["off-hook", "muted", "live"]
    assert hand.said[0] == "press the call key once (within 20 s)"
    assert "presses by a lamp" in told["steps"][-1]["message"]
    picture = _picture(daemon)
    assert picture["calls"] == {}
    assert picture["devices"]["headset"]["holder"] == ""


def test_a_key_that_does_not_arrive_says_what_to_do(daemon: Daemon) -> None:
    told, _ = _check(daemon, "headset", within_s=0.5, deaf_to="mute")
    assert not told["ok"]
    assert _results(told)["call key"] == "passed"
    assert _results(told)["mute key"] == "failed"
    assert "boom arm" in told["steps"][1]["message"]


def test_a_press_on_another_headset_is_named(daemon: Daemon) -> None:
    told, _ = _check(daemon, "headset", within_s=0.5, headset="second", times=2)
    assert _results(told)["call key"] == "failed"
    assert told["steps"][0]["message"].startswith("it came from second; nothing came:")


def test_a_headset_that_is_unplugged_stops_the_check(daemon: Daemon) -> None:
    told, _ = _check(daemon, "headset", act="unplug")
    daemon.cli("simulated", "plug", "headset")
    assert not told["ok"]
    assert _results(told)["call key"] == "stopped"
    assert "plug it in again" in told["steps"][0]["message"]


def test_a_call_stops_the_check_and_is_left_alone(daemon: Daemon) -> None:
    told, _ = _check(daemon, "headset", act="ring")
    try:
        assert not told["ok"]
        assert _results(told) == {"call key": "stopped", "acknowledged": "absent"}
        assert [call["state"] for call in _picture(daemon)["calls"].values()] == ["ringing"]
        with pytest.raises(RequestError, match="a call is up"):
            _check(daemon, "headset")
        assert "a call is up" in daemon.cli("devices", "check", "headset", status=1).stderr
    finally:
        daemon.cli("simulated", "hangup")
        _wait(daemon, lambda now: not now["calls"])


def test_a_headset_another_app_holds_is_refused_with_its_name(daemon: Daemon) -> None:
    async def main() -> None:
        async with (
            await ApiClient.connect(daemon.socket) as app,
            await ApiClient.connect(daemon.socket) as own,
        ):
            await app.call("headset.acquire", {"device": "second", "app": "softphone"})
            with pytest.raises(RequestError, match="softphone"):
                await check_headset(own, "second", lambda _text: None, within_s=1.0)

    asyncio.run(main())
    assert APP not in str(_picture(daemon)["devices"])


def test_which_headset_must_be_said_where_there_are_two(daemon: Daemon) -> None:
    refused = daemon.cli("devices", "check", status=1)
    assert "which headset? there are: " in refused.stderr
    with pytest.raises(RequestError, match="second"):
        _check(daemon, "third")


def test_identify_blinks_the_headset_named(daemon: Daemon) -> None:
    assert daemon.cli("devices", "identify", "second").stdout == "second blinks\n"
    assert daemon.json("devices", "identify", "headset") == {}
    assert "no device third is attached" in daemon.cli("devices", "identify", "third", status=1).stderr
