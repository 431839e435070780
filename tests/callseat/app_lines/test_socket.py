"""`line.*` at a real socket: whose request it is, and whom a command reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callseat.api.errors import RequestError
from callseat.api.line_params import LineAsk, RegisterParams
from tests.callseat.api.seat import Bench, on_bench, until

REGISTER = {"line": "softphone", "app": "Acme", "capabilities": ["answer"]}


def test_what_an_app_tells_is_the_seats_with_the_apps_connection(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        bench.seat.on_serve = lambda _asked, _client: {"calls": {}}
        one, two = await bench.connect(), await bench.connect()
        assert (await one.ask("line.register", REGISTER))["result"] == {"calls": {}}
        await two.ask("line.register", REGISTER)
        told = RegisterParams("softphone", "Acme", ("answer",))
        assert bench.seat.served == [(told, "client-1"), (told, "client-2")]
        assert bench.seat.submitted == []

    on_bench(tmp_path, test)


def test_a_refusal_has_its_kind_and_details(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        def refuse(_asked: LineAsk, _client: str) -> dict[str, object]:
            raise RequestError("held", "line softphone is held by Acme", {"holder": "Acme"})

        bench.seat.on_serve = refuse
        error = (await (await bench.connect()).ask("line.register", REGISTER))["error"]
        assert (error["code"], error["data"]) == (15, {"kind": "held", "holder": "Acme"})

    on_bench(tmp_path, test)


def test_a_command_reaches_its_app_and_nobody_else(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        app, other = await bench.connect(), await bench.connect()
        await app.ask("server.info")
        await other.ask("events.subscribe")
        assert bench.server.command("client-1", {"line": "softphone", "id": 1, "command": "answer"})
        bench.server.publish("cue.given", {}, 1.0)
        assert (await other.read())["method"] == "cue.given"
        assert await app.read() == {
            "jsonrpc": "2.0",
            "method": "line.command",
            "params": {"line": "softphone", "id": 1, "command": "answer"},
        }
        await app.close()
        await until(lambda: bench.server.connected == 1)
        assert not bench.server.command("client-1", {})
        assert bench.seat.gone == ["client-1", "client-1"]

    on_bench(tmp_path, test)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({**REGISTER, "line": "a b"}, "a configured `app` line, or a free name"),
        ({**REGISTER, "line": "x" * 33}, "`$.line`"),
        ({**REGISTER, "capabilities": ["fly"]}, "Invalid enum value 'fly' - at `$.capabilities[0]`"),
        ({**REGISTER, "capabilities": ["answer"] * 14}, "length <= 13"),
        ({**REGISTER, "calls": [{"call": "a"}] * 9}, "length <= 8"),
        ({**REGISTER, "calls": [{"call": "a", "state": "held"}]}, "missing required field `direction`"),
        ({**REGISTER, "name": "x"}, "no parameter 'name'"),
        ({"line": "softphone"}, "missing required field `app`"),
    ],
)
def test_what_is_no_registration_never_reaches_the_seat(
    tmp_path: Path, params: dict[str, Any], message: str
) -> None:
    async def test(bench: Bench) -> None:
        error = (await (await bench.connect()).ask("line.register", params))["error"]
        assert error["data"] == {"kind": "invalid_params"}
        assert message in error["message"]
        assert bench.seat.served == []

    on_bench(tmp_path, test)
