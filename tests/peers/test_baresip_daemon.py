"""A whole daemon on a real baresip: killed in a call and started again; digits that are nowhere after it."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from callseat.api.client import ApiClient
from tests.callseat.cli.daemon_kit import Daemon, until
from tests.peers.baresip import Baresip, baresips

SEAT = """
[[line]]
id = "sip"
backend = "baresip"
control = "{control}"
listen = false
[[headset]]
id = "headset"
"""
KEYED, HEARD = "90817263", "5*6#7D"


async def _client(daemon: Daemon) -> ApiClient:
    """The daemon is started, and its line in service."""
    await asyncio.to_thread(daemon.start)
    client = await ApiClient.connect(daemon.socket)
    await until(lambda now: now["lines"].get("sip", {}).get("in_service"), client)
    return client


def _only(now: Any) -> Any:
    (call,) = now["calls"].values()
    return call


async def _day(daemon: Daemon, box: Baresip, bob: Baresip) -> None:
    client = await _client(daemon)
    await client.call("agent.sign_in", {"agent": "1007"})
    await asyncio.to_thread(bob.do, "dial", box.uri)
    ringing = await until(lambda now: any(c["state"] == "ringing" for c in now["calls"].values()), client)
    record = _only(ringing)["record"]
    await client.call("call.answer")
    await client.call("call.send_digits", {"digits": KEYED})
    for digit in KEYED:
        assert (await asyncio.to_thread(bob.wait, "CALL_DTMF_START"))["param"] == digit
    await asyncio.to_thread(bob.do, "sndcode", HEARD)
    await client.close()

    assert await asyncio.to_thread(daemon.stop, signal.SIGKILL) == -signal.SIGKILL
    client = await _client(daemon)
    up = _only(await until(lambda now: any(c["adopted"] for c in now["calls"].values()), client))
    assert (up["record"], up["state"], up["number"]) == (record, "connected", bob.uri)
    await client.call("call.hold")
    await client.call("call.retrieve")
    await asyncio.to_thread(bob.do, "hangup")
    await until(lambda now: not now["calls"], client)
    await client.close()
    assert await asyncio.to_thread(daemon.stop) == 0


def test_a_killed_daemon_adopts_the_call_and_digits_are_nowhere() -> None:
    with baresips("agent", "bob") as (box, bob):
        daemon = Daemon(SEAT.format(control=box.address))
        try:
            asyncio.run(_day(daemon, box, bob))
            kept = [path for path in daemon.folder.rglob("*") if path.is_file()]
            assert {"journal.jsonl", "log", "records.sqlite"} <= {path.name for path in kept}
            told = b"".join(path.read_bytes() for path in kept)
            for digits in (KEYED, HEARD):
                assert digits.encode() not in told
        finally:
            daemon.close()
        # baresip itself writes each key to its standard output, which is why its unit throws that away.
        assert "send DTMF digit: '9'" in (box.folder / "out").read_text(errors="replace")
