"""The client against the real server: calls, a live copy of the snapshot, and clear ends."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from callseat.api.client import MAX_UNREAD, ApiClient
from callseat.api.codec import encode_notification
from callseat.api.connection import Limits
from callseat.api.document import document
from callseat.api.errors import RequestError
from state.effects import Reply
from state.errors import ProtocolError, TransportError, TransportReason
from tests.callseat.api.seat import PATIENCE_S, Bench, call_view, on_bench, seat_snapshot


def wire(form: Any) -> Any:
    return json.loads(json.dumps(form))


def test_a_call_gives_the_result_or_raises_the_refusal(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with await ApiClient.connect(bench.path) as client:
            assert (await client.call("server.info"))["name"] == "callseat"
            with pytest.raises(RequestError, match=r"did you mean call\.answer") as refused:
                await client.call("call.anwser")
            assert (refused.value.kind, refused.value.code) == ("method_not_found", -32601)

    on_bench(tmp_path, test)


def test_calls_may_overlap(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        def answer(_command: object, _request: object) -> None:
            if len(bench.seat.submitted) == 2:
                for n, (_, request) in reversed(list(enumerate(bench.seat.submitted))):
                    bench.server.reply(Reply(request, data={"n": n}))

        bench.seat.on_submit = answer
        async with await ApiClient.connect(bench.path) as client:
            found = await asyncio.gather(client.call("call.hold"), client.call("call.retrieve"))
            assert list(found) == [{"n": 0}, {"n": 1}]

    on_bench(tmp_path, test)


def test_a_subscription_keeps_the_snapshot_up_to_date(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with await ApiClient.connect(bench.path) as client:
            told = await client.subscribe()
            assert client.snapshot == wire(document(bench.seat.now))
            bench.seat.now = seat_snapshot(7.0, call_view())
            bench.server.publish("call.delivered", {"call": "sim-1"}, 7.0, 1767060000.0)
            bench.server.snapshot_changed(bench.seat.now)
            assert await anext(told) == (
                "call.delivered",
                {"call": "sim-1", "seq": 1, "ts": {"monotonic": 7.0, "wall": 1767060000.0}},
            )
            assert client.snapshot["calls"] == {}
            topic, _ = await anext(told)
            assert (topic, client.seq) == ("state.changed", 2)
            assert client.snapshot == wire(document(bench.seat.now))

    on_bench(tmp_path, test)


def test_subscribing_again_skips_what_the_new_picture_holds(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with await ApiClient.connect(bench.path) as client:
            await client.subscribe()
            bench.server.snapshot_changed(seat_snapshot(2.0, promises=1))
            bench.seat.now = seat_snapshot(3.0, promises=2)
            told = await client.subscribe()
            assert (client.snapshot["promises"], client.seq) == (2, 2)
            bench.server.publish("call.held", {}, 4.0)
            assert (await anext(told))[0] == "call.held"

    on_bench(tmp_path, test)


def test_the_daemons_end_ends_the_iteration(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with await ApiClient.connect(bench.path) as client:
            told = await client.subscribe()
            await bench.server.close()
            assert [topic async for topic, _ in told] == ["server.closing"]
            with pytest.raises(TransportError):
                await client.call("server.info")

    on_bench(tmp_path, test)


def test_being_dropped_says_why(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with await ApiClient.connect(bench.path) as client:
            told = await client.subscribe()
            while bench.server.counters.dropped == 0:
                bench.server.publish("call.updated", {"pad": "x" * 20000}, 1.0)
            with pytest.raises(TransportError, match=r"dropped by the daemon: .* were not read") as dropped:
                async for _ in told:
                    pass
            assert dropped.value.reason is TransportReason.BUSY

    on_bench(tmp_path, test, Limits(max_messages=4, grace_s=10.0))


def test_no_daemon_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="start it with `callseat run`") as gone:
        asyncio.run(ApiClient.connect(tmp_path / "none"))
    assert gone.value.reason is TransportReason.GONE


def test_no_permission_names_the_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def denied(*_arguments: object, **_options: object) -> None:
        raise PermissionError

    monkeypatch.setattr(asyncio, "open_unix_connection", denied)
    with pytest.raises(TransportError, match="in the group") as refused:
        asyncio.run(ApiClient.connect(tmp_path / "s"))
    assert refused.value.reason is TransportReason.DENIED


def test_closing_fails_the_calls_under_way(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        client = await ApiClient.connect(bench.path)
        calling = asyncio.create_task(client.call("call.hold"))
        await asyncio.sleep(0)
        await client.close()
        with pytest.raises(TransportError, match="closed here"):
            await calling

    on_bench(tmp_path, test)


def test_an_answer_that_does_not_come_is_a_timeout_and_the_connection_lives(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with await ApiClient.connect(bench.path) as client:
            with pytest.raises(TransportError, match="no answer in") as late:
                await client.call("call.hold", answer_s=0.01)
            assert late.value.reason is TransportReason.TIMEOUT
            for _, request in bench.seat.submitted:
                bench.server.reply(Reply(request))
            assert (await client.call("server.info"))["pid"] == os.getpid()

    on_bench(tmp_path, test)


# a daemon that breaks the protocol -----------------------------------------------------------------

PICTURE = b'{"jsonrpc":"2.0","id":1,"result":{"snapshot":{},"seq":5}}\n'


def against(directory: Path, lines: bytes, test: Callable[[ApiClient], Coroutine[Any, Any, None]]) -> None:
    """Run `test` with a client whose daemon answers the first request with `lines`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(lines)
        await reader.read()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_unix_server(serve, directory / "s")
        async with asyncio.timeout(PATIENCE_S), server, await ApiClient.connect(directory / "s") as client:
            await test(client)

    asyncio.run(main())


def test_a_gap_in_seq_is_a_broken_protocol(tmp_path: Path) -> None:
    async def test(client: ApiClient) -> None:
        told = await client.subscribe()
        with pytest.raises(ProtocolError, match="notification 7 came after 5"):
            await anext(told)

    against(tmp_path, PICTURE + encode_notification("call.held", {"seq": 7}), test)


def test_a_line_that_is_no_answer_is_a_broken_protocol(tmp_path: Path) -> None:
    async def test(client: ApiClient) -> None:
        with pytest.raises(ProtocolError, match="the daemon sent not JSON"):
            await client.call("server.info")

    against(tmp_path, b"hello\n", test)


def test_notifications_nobody_reads_end_the_connection_and_not_the_memory(tmp_path: Path) -> None:
    async def test(client: ApiClient) -> None:
        told = await client.subscribe()
        with pytest.raises(TransportError, match=f"{MAX_UNREAD} notifications were not read"):
            await client.call("server.info")
        with pytest.raises(TransportError, match="were not read"):
            async for _ in told:
                pass

    flood = b"".join(encode_notification("call.held", {"seq": n}) for n in range(6, 6 + MAX_UNREAD + 1))
    against(tmp_path, PICTURE + flood, test)
