"""The server on a real Unix socket: requests, refusals, pictures and changes."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from callseat.api.connection import Limits
from callseat.api.document import document, merged
from callseat.api.errors import RequestError
from callseat.api.methods import METHODS
from callseat.api.server import ApiServer
from state.commands import Answer, Command, SetMute
from state.effects import Reply
from state.errors import ConfigError, SeatError
from state.ids import CallId, RequestId
from tests.callseat.api.seat import Bench, FakeSeat, call_view, cue_view, on_bench, seat_snapshot, until


def wire(form: Any) -> Any:
    return json.loads(json.dumps(form))


def kind(answer: Any) -> str:
    return str(answer["error"]["data"]["kind"])


# requests ------------------------------------------------------------------------------------------


def test_a_command_is_submitted_and_answered_by_the_seats_reply(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        bench.seat.on_submit = lambda _command, request: bench.server.reply(Reply(request))
        client = await bench.connect()
        assert await client.ask("call.answer", {"call": "sim-1"}, "x") == {
            "jsonrpc": "2.0",
            "id": "x",
            "result": {},
        }
        assert [command for command, _ in bench.seat.submitted] == [Answer(CallId("sim-1"))]

    on_bench(tmp_path, test)


def test_a_reply_with_a_kind_is_an_error_with_the_seats_words(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        def refuse(_command: Command, request: RequestId) -> None:
            bench.server.reply(Reply(request, "device_error", "refused", {"detail": "+CME ERROR: 4"}))

        bench.seat.on_submit = refuse
        error = (await (await bench.connect()).ask("call.hold"))["error"]
        assert error == {
            "code": 6,
            "message": "refused",
            "data": {"kind": "device_error", "detail": "+CME ERROR: 4"},
        }

    on_bench(tmp_path, test)


def test_answers_go_to_who_asked_whatever_their_order(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        one, two = await bench.connect(), await bench.connect()
        await one.write(b'{"jsonrpc":"2.0","id":1,"method":"device.set_mute","params":{"value":true}}\n')
        await two.write(b'{"jsonrpc":"2.0","id":1,"method":"device.set_mute","params":{"value":false}}\n')
        await until(lambda: len(bench.seat.submitted) == 2)
        for command, request in reversed(bench.seat.submitted):
            assert isinstance(command, SetMute)
            bench.server.reply(Reply(request, data={"muted": command.muted}))
        assert (await one.read())["result"] == {"muted": True}
        assert (await two.read())["result"] == {"muted": False}

    on_bench(tmp_path, test)


def test_a_notification_is_carried_out_and_not_answered_even_when_refused(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        bench.seat.on_submit = lambda _command, request: bench.server.reply(Reply(request, "invalid_state"))
        client = await bench.connect()
        await client.write(b'{"jsonrpc":"2.0","method":"cue.repeat"}\n{"jsonrpc":"2.0","method":"no.such"}\n')
        assert (await client.ask("state.get", None, 9))["id"] == 9
        assert len(bench.seat.submitted) == 1
        assert bench.server.counters.refused == 2

    on_bench(tmp_path, test)


def test_a_request_nobody_answers_times_out_and_a_late_reply_is_counted(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        answer = await client.ask("call.answer")
        assert kind(answer) == "timeout"
        assert answer["error"]["code"] == 5
        bench.server.reply(Reply(bench.seat.submitted[0][1]))
        assert (await client.ask("server.info"))["result"]["counters"]["late_replies"] == 1
        assert bench.server.counters.timeouts == 1

    on_bench(tmp_path, test, Limits(request_timeout_s=0.01))


def test_records_are_asked_of_the_seat(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async def rows() -> object:
            return (call_view(),)

        bench.seat.answer = rows
        answer = await (await bench.connect()).ask("records.calls", {"limit": 3, "since": 12})
        assert [row["call"] for row in answer["result"]["calls"]] == ["sim-1"]
        assert bench.seat.asked == [("records.calls", {"limit": 3, "since": 12.0, "number": ""})]

    on_bench(tmp_path, test)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RequestError("busy", "later"), "busy"),
        (SeatError("disk full"), "device_error"),
        (ZeroDivisionError("ours"), "internal_error"),
    ],
)
def test_a_query_that_fails_is_answered(
    tmp_path: Path, error: Exception, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(bench: Bench) -> None:
        async def fail() -> object:
            raise error

        bench.seat.answer = fail
        client = await bench.connect()
        answer = await client.ask("records.calls")
        assert kind(answer) == expected
        assert "ours" not in answer["error"]["message"]
        assert "result" in await client.ask("server.info")

    on_bench(tmp_path, test)
    assert ("ZeroDivisionError" in caplog.text) == (expected == "internal_error")


def test_a_query_that_hangs_times_out_and_is_cancelled(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        ended = asyncio.Event()

        async def hang() -> object:
            try:
                return await asyncio.get_running_loop().create_future()
            finally:
                ended.set()

        bench.seat.answer = hang
        assert kind(await (await bench.connect()).ask("records.calls")) == "timeout"
        await ended.wait()

    on_bench(tmp_path, test, Limits(request_timeout_s=0.01))


def test_what_json_cannot_carry_is_an_internal_error(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async def odd() -> object:
            return object()

        bench.seat.answer = odd
        assert kind(await (await bench.connect()).ask("records.calls")) == "internal_error"

    on_bench(tmp_path, test)


def test_a_seat_that_fails_to_submit_is_an_internal_error_and_the_server_lives(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        def explode(_command: Command, _request: RequestId) -> None:
            raise KeyError("bug")

        bench.seat.on_submit = explode
        client = await bench.connect()
        assert kind(await client.ask("call.hold")) == "internal_error"
        assert "result" in await client.ask("state.get")

    on_bench(tmp_path, test)


def test_too_many_requests_under_way_are_busy(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        for number in range(4):
            await client.write(b'{"jsonrpc":"2.0","id":%d,"method":"call.hold"}\n' % number)
        refused = await client.read()
        assert (refused["id"], kind(refused)) == (3, "busy")
        assert len(bench.seat.submitted) == 3

    on_bench(tmp_path, test, Limits(max_waiting=3))


# bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "expected"),
    [
        (b"\xff\xfe\n", -32700, "not_utf8"),
        (b"hello\n", -32700, "parse_error"),
        (b'[{"jsonrpc":"2.0","id":1,"method":"state.get"}]\n', -32600, "batch"),
        (b'{"jsonrpc":"2.0","id":1,"method":"call.anser"}\n', -32601, "method_not_found"),
        (b'{"jsonrpc":"2.0","id":1,"method":"call.answer","params":{"call":1}}\n', -32602, "invalid_params"),
        (b'{"jsonrpc":"2.0","id":1,"method":"call.answer","params":["a"]}\n', -32602, "invalid_params"),
    ],
)
def test_bad_input_gets_one_error_and_the_next_request_is_served(
    tmp_path: Path, line: bytes, code: int, expected: str
) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        await client.write(line)
        answer = await client.read()
        assert (answer["error"]["code"], kind(answer)) == (code, expected)
        assert (await client.ask("state.get", None, "next"))["id"] == "next"
        assert bench.seat.submitted == []

    on_bench(tmp_path, test)


def test_an_unknown_method_is_answered_with_the_nearest(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        answer = await (await bench.connect()).ask("agent.signin")
        assert answer["error"]["message"] == "no method 'agent.signin'; did you mean agent.sign_in?"

    on_bench(tmp_path, test)


def test_a_line_of_ten_megabytes_gets_one_error_while_others_are_served(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client, other = await bench.connect(), await bench.connect()
        writing = asyncio.create_task(client.write(b"x" * 10_000_000 + b"\n"))
        assert kind(await client.read()) == "too_long"
        assert "result" in await other.ask("state.get")
        await writing
        assert (await client.ask("state.get", None, 2))["id"] == 2

    on_bench(tmp_path, test)


def test_a_flood_of_requests_is_served_in_order_without_dropping_the_client(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        count = 3000
        flood = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"state.get"}\n' % n for n in range(count))
        writing = asyncio.create_task(client.write(flood))
        assert [(await client.read())["id"] for _ in range(count)] == list(range(count))
        await writing
        assert bench.server.counters.dropped == 0

    on_bench(tmp_path, test)


# pictures and changes ------------------------------------------------------------------------------


def test_state_get_is_the_seat_as_it_is_now(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        bench.seat.now = seat_snapshot(5.0, call_view())
        result = (await client.ask("state.get"))["result"]
        assert result == {"snapshot": wire(document(bench.seat.now)), "seq": 1}

    on_bench(tmp_path, test)


def test_a_subscriber_is_told_changes_and_happenings_in_order(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client, deaf = await bench.connect(), await bench.connect()
        await client.ask("events.subscribe")
        bench.server.publish("call.delivered", {"call": "sim-1"}, 2.0, 1767060000.0)
        bench.server.snapshot_changed(seat_snapshot(2.0, call_view()), 1767060000.0)
        first, second = await client.read(), await client.read()
        assert (first["method"], first["params"]["seq"], first["params"]["call"]) == (
            "call.delivered",
            1,
            "sim-1",
        )
        assert first["params"]["ts"] == {"monotonic": 2.0, "wall": 1767060000.0}
        assert (second["method"], second["params"]["seq"]) == ("state.changed", 2)
        assert list(second["params"]["patch"]["calls"]) == ["sim-1"]
        assert (await deaf.ask("server.info"))["result"]["counters"]["notifications"] == 2

    on_bench(tmp_path, test)


def test_unsubscribed_is_told_nothing(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        await client.ask("events.subscribe")
        assert (await client.ask("events.unsubscribe", None, 2))["result"] == {}
        bench.server.publish("call.held", {}, 2.0)
        assert (await client.ask("server.info", None, 3))["id"] == 3

    on_bench(tmp_path, test)


def storm(bench: Bench, steps: range) -> None:
    for n in steps:
        bench.seat.now = seat_snapshot(float(n), *(call_view(f"c-{k}") for k in range(n % 3)), promises=n % 7)
        if n % 4:
            bench.server.snapshot_changed(bench.seat.now)
        bench.server.publish("call.updated", {"n": n}, float(n))


def test_subscribers_joining_in_a_storm_miss_and_double_nothing(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        clients = [await bench.connect() for _ in range(4)]
        joined: list[tuple[dict[str, Any], int]] = []
        for turn, client in enumerate(clients):
            storm(bench, range(turn * 25, turn * 25 + 20))
            joining = asyncio.create_task(client.ask("events.subscribe"))
            for n in range(turn * 25 + 20, turn * 25 + 25):
                storm(bench, range(n, n + 1))
                await asyncio.sleep(0)
            picture = (await joining)["result"]
            joined.append((picture["snapshot"], picture["seq"]))
        bench.seat.now = seat_snapshot(999.0, promises=99)
        bench.server.snapshot_changed(bench.seat.now)
        for client, (mine, valid_at) in zip(clients, joined, strict=True):
            copy = mine
            for seq in range(valid_at + 1, bench.server.seq + 1):
                params = (await client.read())["params"]
                assert params["seq"] == seq
                copy = merged(copy, params.get("patch", {}))
            assert copy == wire(document(bench.seat.now))

    on_bench(tmp_path, test)


# what the server knows by itself -------------------------------------------------------------------


def test_why_gives_the_cue_and_the_cause_of_silence(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        assert (await client.ask("status.why"))["result"] == {"cue": None, "why": "", "silence": {}}
        silent = call_view(
            silence_cause="agent_muted", silence_evidence="headset says muted", silence_since=3.5
        )
        bench.seat.now = seat_snapshot(9.0, silent, call_view("sim-2"), cue=cue_view())
        result = (await client.ask("status.why"))["result"]
        assert (result["cue"]["id"], result["why"]) == ("silent.stage_2", "5 s of silence")
        why = {"cause": "agent_muted", "since": 3.5, "evidence": "headset says muted"}
        assert result["silence"] == {"sim-1": why}

    on_bench(tmp_path, test)


def test_info_and_capabilities(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        info = (await client.ask("server.info"))["result"]
        assert (info["name"], info["version"], info["api"], info["pid"]) == (
            "callseat",
            "1.2",
            1,
            os.getpid(),
        )
        can = (await client.ask("server.capabilities"))["result"]
        assert can["methods"] == sorted(METHODS)
        assert can["errors"]["hang_up_held"] == 7
        assert can["lines"] == {"sim": ["answer", "hold"]}
        assert can["limits"]["max_messages"] == 256

    on_bench(tmp_path, test)


def test_the_seat_knows_who_asks_and_who_has_left(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        bench.seat.on_submit = lambda _command, request: bench.server.reply(Reply(request))
        first, second = await bench.connect(), await bench.connect()
        for client in (first, second, first):
            await client.ask("headset.release", {"device": "h1"})
        names = bench.seat.clients
        assert names[0] == names[2] != names[1]
        first.writer.close()
        await until(lambda: bench.seat.gone == [names[0]])

    on_bench(tmp_path, test)


def test_every_method_of_the_table_is_served(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        bench.seat.on_submit = lambda _command, request: bench.server.reply(Reply(request))
        needed: dict[str, dict[str, object]] = {
            "call.dial": {"number": "110"},
            "call.send_digits": {"digits": "1"},
            "device.set_mute": {"value": True},
            "device.identify": {"device": "h1"},
            "headset.acquire": {"device": "h1", "app": "softphone"},
            "headset.release": {"device": "h1"},
            "headset.show": {"device": "h1", "off_hook": True},
            "agent.sign_in": {"agent": "1007"},
            "agent.set_state": {"state": "ready"},
            "simulated.act": {"act": "ring"},
            "line.register": {"line": "app", "app": "softphone", "capabilities": []},
            "line.unregister": {"line": "app"},
            "line.report": {"line": "app", "event": "muted", "muted": True},
            "line.done": {"line": "app", "command": 1, "ok": True},
        }
        client = await bench.connect()
        for name in METHODS:
            assert "result" in await client.ask(name, needed.get(name)), name

    on_bench(tmp_path, test)


# start and end -------------------------------------------------------------------------------------


def test_closing_says_good_bye_and_leaves_no_socket(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await bench.connect()
        await client.ask("server.info")
        await bench.server.close()
        assert (await client.read())["method"] == "server.closing"
        assert await client.read() is None
        assert not bench.path.exists()
        await bench.server.start()
        assert "result" in await (await bench.connect()).ask("server.info")

    on_bench(tmp_path, test)


def test_a_second_server_on_the_same_path_is_refused_and_the_first_lives(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        with pytest.raises(ConfigError, match=f"process {os.getpid()}"):
            await ApiServer(bench.path, FakeSeat()).start()
        assert "result" in await (await bench.connect()).ask("server.info")

    on_bench(tmp_path, test)
