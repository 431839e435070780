"""Clients that do not read, vanish, hang up half, or are one too many: the others never notice."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from callseat.api.connection import Limits
from state.effects import Reply
from tests.callseat.api.seat import Bench, on_bench, until


def kind(answer: Any) -> str:
    return str(answer["error"]["data"]["kind"])


def test_a_slow_client_is_dropped_with_a_reason_and_others_miss_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(bench: Bench) -> None:
        slow, good = await bench.connect(), await bench.connect()
        await slow.ask("events.subscribe")
        await good.ask("events.subscribe")
        slow.stop_reading()
        told = 0
        while bench.server.counters.dropped == 0:
            bench.server.publish("call.updated", {"pad": "x" * 2000}, 1.0)
            told += 1
            assert (await good.read())["params"]["seq"] == told
        slow.go_on_reading()
        last = None
        while (line := await slow.read()) is not None:
            last = line
        assert last is not None
        assert (last["method"], last["params"]["kind"]) == ("client.dropped", "slow_client")
        assert (await good.ask("server.info"))["result"]["clients"] == 1

    on_bench(tmp_path, test, Limits(max_messages=16, grace_s=10.0))
    assert "dropped" in caplog.text
    assert "events.subscribe ok" in caplog.text


def test_a_dropped_client_that_never_reads_is_cut_off(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        slow = await bench.connect()
        await slow.ask("events.subscribe")
        slow.stop_reading()
        while bench.server.counters.dropped == 0:
            bench.server.publish("call.updated", {"pad": "x" * 20000}, 1.0)
        good = await bench.connect()
        assert "result" in await good.ask("server.info")
        await until(lambda: bench.server.connected == 1)

    on_bench(tmp_path, test, Limits(max_bytes=100_000, grace_s=0.01))


def test_a_client_that_vanishes_with_a_request_under_way(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client, other = await bench.connect(), await bench.connect()
        await client.write(b'{"jsonrpc":"2.0","id":1,"method":"call.hold"}\n')
        await client.write(b'{"jsonrpc":"2.0","id":2,"method":"records.calls"}\n{"half')
        await until(lambda: len(bench.seat.submitted) == 1)
        await client.close()
        while (await other.ask("server.info"))["result"]["clients"] > 1:
            pass
        bench.server.reply(Reply(bench.seat.submitted[0][1]))
        assert bench.server.counters.late_replies == 1

    on_bench(tmp_path, test)


def test_a_client_that_shuts_its_sending_side_gets_every_answer_then_the_end(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        await client.write(
            b'{"jsonrpc":"2.0","id":1,"method":"call.hold"}\n{"jsonrpc":"2.0","method":"cue.repeat"}\n'
        )
        client.writer.write_eof()
        await until(lambda: len(bench.seat.submitted) == 2)
        for _, request in bench.seat.submitted:
            bench.server.reply(Reply(request))
        assert (await client.read())["id"] == 1
        assert await client.read() is None

    on_bench(tmp_path, test)


def test_a_subscriber_that_asks_nothing_more_holds_nothing_although_it_still_listens(tmp_path: Path) -> None:
    """A killed one looks just so: with nothing to tell it, nobody would ever notice."""

    async def test(bench: Bench) -> None:
        client = await bench.connect()
        assert "result" in await client.ask("events.subscribe")
        assert bench.seat.gone == []
        client.writer.write_eof()
        await until(lambda: len(bench.seat.gone) == 1)
        bench.server.publish("cue.given", {"id": "x"}, 1.0)
        assert (await client.read())["method"] == "cue.given"

    on_bench(tmp_path, test)


def test_one_client_too_many_is_told_so(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        first = await bench.connect()
        assert "result" in await first.ask("server.info")
        second = await bench.connect()
        assert (await second.read())["params"]["kind"] == "busy"
        assert await second.read() is None
        assert "result" in await first.ask("server.info")

    on_bench(tmp_path, test, Limits(max_clients=1))


def test_clients_are_known_by_their_credentials_and_last_requests_without_parameters(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        bench.seat.on_submit = lambda _command, request: bench.server.reply(Reply(request))
        client = await bench.connect()
        for _ in range(25):
            await client.ask("call.send_digits", {"digits": "8675309"})
        await client.ask("no.such.thing")
        (known,) = (await client.ask("server.clients"))["result"]["clients"]
        assert (known["peer"]["pid"], known["peer"]["uid"]) == (os.getpid(), os.getuid())
        assert len(known["requests"]) == 20
        assert known["requests"][-3:] == [
            {"method": "call.send_digits", "outcome": "ok"},
            {"method": "no.such.thing", "outcome": "method_not_found"},
            {"method": "server.clients", "outcome": "pending"},
        ]
        assert "8675309" not in json.dumps(known)
        assert (known["received"], known["queued"], known["subscribed"]) == (27, 0, False)

    on_bench(tmp_path, test)


def test_digits_never_reach_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def test(bench: Bench) -> None:
        client = await bench.connect()
        await client.ask("call.send_digits", {"digits": "8675309x"})
        bench.seat.on_submit = lambda _command, _request: (_ for _ in ()).throw(KeyError("bug"))
        assert kind(await client.ask("call.send_digits", {"digits": "8675309"})) == "internal_error"

    on_bench(tmp_path, test)
    assert "8675309" not in "".join(record.getMessage() for record in caplog.records)
