"""The command line against a real daemon: what an agent and a curious person do from a terminal."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from callseat.api.client import ApiClient
from tests.callseat.cli.daemon_kit import PATIENCE_S, Daemon, command, until
from tests.support import ROOT


@pytest.fixture(name="daemon", scope="module")
def _daemon() -> Iterator[Daemon]:
    daemon = Daemon()
    try:
        daemon.start()
        _wait(daemon, lambda now: now["lines"].get("desk", {}).get("in_service"))
        yield daemon
    finally:
        daemon.close()


@pytest.fixture(name="seat")
def _seat(daemon: Daemon) -> Iterator[Daemon]:
    """The daemon with nobody in a call and nobody signed in, before and after."""
    _clear(daemon)
    yield daemon
    _clear(daemon)


def _clear(daemon: Daemon) -> None:
    for call in _picture(daemon)["calls"]:
        daemon.cli("simulated", "hangup")
        _wait(daemon, lambda now, gone=call: gone not in now["calls"])
    if _picture(daemon)["agent"]["state"] != "logged_out":
        daemon.cli("agent", "sign-out")


def _picture(daemon: Daemon) -> Any:
    return daemon.json("status")["snapshot"]


def _wait(daemon: Daemon, condition: Any) -> Any:
    async def main() -> Any:
        async with await ApiClient.connect(daemon.socket) as client:
            return await until(condition, client)

    return asyncio.run(main())


def _states(picture: Any) -> list[str]:
    return [call["state"] for call in picture["calls"].values()]


def _ring(daemon: Daemon, number: str = "13800138000") -> str:
    before = set(_picture(daemon)["calls"])
    daemon.cli("simulated", "ring", number)
    picture = _wait(daemon, lambda now: set(now["calls"]) - before)
    (call,) = set(picture["calls"]) - before
    return str(call)


def _connected(daemon: Daemon) -> str:
    call = _ring(daemon)
    daemon.cli("answer")
    _wait(daemon, lambda now: _states(now) == ["connected"])
    return call


def test_the_socket_may_be_named_before_the_command(seat: Daemon) -> None:
    for words in (("status", "--json"), ("devices", "list", "--json")):
        assert json.loads(command("--socket", str(seat.socket), *words).stdout)
    missing = command("--socket", str(seat.folder / "none"), "status", status=3)
    assert f"nobody listens on {seat.folder / 'none'}" in missing.stderr


def test_status_tells_a_resting_seat(seat: Daemon) -> None:
    told = seat.cli("status").stdout
    assert "nobody is signed in" in told
    assert "desk: in service" in told
    assert "headset (Jabra Evolve Link MS), lamps: all off" in told
    assert "call      none" in told
    info = seat.json("status")["info"]
    assert info["configuration"] == str(seat.config)
    assert info["records"]["trouble"] == ""


def test_a_ringing_call_is_answered_and_hung_up(seat: Daemon) -> None:
    seat.cli("agent", "sign-in", "1007")
    seat.cli("agent", "ready")
    call = _ring(seat)
    ringing = seat.cli("status").stdout
    assert f"{call} inbound 13800138000: ringing" in ringing
    assert "lamps: ring" in ringing
    assert seat.cli("answer").stdout == f"answered {call}\n"
    _wait(seat, lambda now: _states(now) == ["connected"])
    assert "1007: busy" in seat.cli("status").stdout
    seat.cli("simulated", "hangup")
    _wait(seat, lambda now: not now["calls"])
    (newest,) = seat.json("records", "calls", "--limit", "1")["calls"]
    assert (newest["call"], newest["agent"], newest["by"]) == (call, "1007", "remote")
    assert newest["number"] == "13800138000"
    table = seat.cli("records", "calls", "--number", "8000", "--since", "1h").stdout
    assert "13800138000" in table
    assert seat.cli("records", "calls", "--number", "9999").stdout == "nothing\n"
    states = [each["state"] for each in seat.json("records", "agents")["agents"]]
    assert states[:4] == ["after_call_work", "busy", "ready", "not_ready"]


def test_a_headset_button_answers_too(seat: Daemon) -> None:
    _ring(seat)
    assert seat.cli("simulated", "press", "hook").stdout == "press: device headset, button hook\n"
    _wait(seat, lambda now: _states(now) == ["connected"])


def test_hold_retrieve_mute_digits_and_closing(seat: Daemon) -> None:
    call = _connected(seat)
    assert seat.cli("hold").stdout == f"on hold {call}\n"
    _wait(seat, lambda now: _states(now) == ["held"])
    seat.cli("retrieve", call)
    _wait(seat, lambda now: _states(now) == ["connected"])
    assert seat.cli("mute", "on").stdout == "muted\n"
    _wait(seat, lambda now: now["mute"]["value"] == "muted")
    seat.cli("mute", "off")
    _wait(seat, lambda now: now["mute"]["value"] == "live")
    seat.cli("digits", "12#")
    seat.cli("closing")
    _wait(seat, lambda now: now["calls"][call]["closing"] == "closing")


def test_a_muted_agent_is_told_why(seat: Daemon) -> None:
    _connected(seat)
    # Not by the key: pressed this soon after the un-mute of another test, it reads as a refusal of it.
    seat.cli("mute", "on")
    _wait(seat, lambda now: now.get("cue", {}).get("id") == "cause.agent_muted")
    status = seat.cli("status").stdout
    assert "why: 您的话筒是静音状态" in status
    assert "silence: agent_muted" in status
    why = seat.json("cue", "why")
    assert why["cue"]["id"] == "cause.agent_muted"
    assert "静音" in seat.cli("cue", "why").stdout
    assert seat.cli("cue", "repeat").stdout == "cue repeated\n"
    assert seat.cli("cue", "cancel").stdout == "cue cancelled\n"
    _wait(seat, lambda now: "cue" not in now)


def test_the_customer_is_heard_from_a_wav_file(seat: Daemon) -> None:
    call = _connected(seat)
    told = seat.json("simulated", "say", str(ROOT / "tests/recordings/sentence_zh.wav"))
    assert told["seconds"] > 1
    _wait(seat, lambda now: now["calls"][call]["customer_spoke"])
    refused = seat.cli("simulated", "say", str(seat.config), status=2)
    assert "callseat.toml" in refused.stderr


def test_a_note_and_a_promise_are_kept_and_listed_at_sign_in(seat: Daemon) -> None:
    seat.cli("agent", "sign-in", "1008")
    _connected(seat)
    seat.cli("simulated", "hangup")
    _wait(seat, lambda now: not now["calls"])
    seat.cli("note", "asked for a bill", "--category", "billing", "--promise", "call back", "--due", "18:00")
    owed = seat.cli("agent", "sign-out").stdout
    assert "owed by 1008 to 13800138000: call back, due 18:00" in owed
    assert "call back" in seat.cli("agent", "sign-in", "1008").stdout
    (promise,) = seat.json("records", "promises")["promises"]
    assert (promise["owner"], promise["due"]) == ("1008", "18:00")
    assert "18:00" in seat.cli("records", "promises").stdout
    (newest,) = seat.json("records", "calls", "--limit", "1")["calls"]
    assert (newest["category"], newest["note"]) == ("billing", "asked for a bill")


def test_dialling_uses_the_apps_words_and_waits_for_the_simulated_far_end(seat: Daemon) -> None:
    assert "sign-in" in seat.cli("dial", "10086", status=1).stderr
    seat.cli("agent", "sign-in", "1007")
    seat.cli("dial", "10086", "--customer", "王女士", "--matter", "快递")
    _wait(seat, lambda now: _states(now) == ["ringback"])
    seat.cli("simulated", "answer")
    _wait(seat, lambda now: _states(now) == ["connected"])
    picture = _wait(seat, lambda now: now.get("cue", {}).get("id") == "opening")
    assert "王女士" in picture["cue"]["say"]


def test_refusals_are_one_line_and_a_status(seat: Daemon) -> None:
    for arguments, status, word in (
        (("answer",), 1, "`callseat status` lists the calls"),
        (("answer", "nosuch"), 1, "nosuch"),
        (("dial", "not a number"), 2, "digits with `*`"),
        (("cue", "repeat"), 1, "no cue"),
        (("simulated", "answer"), 1, "line desk is not dialling"),
        (("simulated", "hangup"), 1, "line desk has no call"),
        (("simulated", "press", "nokey"), 2, "hook, mute"),
        (("simulated", "press", "delete"), 1, "headset headset:"),
        (("simulated", "ring", "--line", "nosuch"), 1, "there are desk"),
        (("records", "calls", "--since", "yesterday"), 2, "2026-05-01"),
        (("note",), 2, "nothing to write"),
    ):
        refused = seat.cli(*arguments, status=status)
        assert word in refused.stderr, arguments
        assert "Traceback" not in refused.stderr


def test_a_third_caller_hears_busy(seat: Daemon) -> None:
    _ring(seat, "1380001")
    _ring(seat, "1380002")
    assert "hears busy" in seat.cli("simulated", "ring", "1380003", status=1).stderr
    assert _states(_picture(seat)) == ["ringing", "waiting"]


def test_a_headset_is_unplugged_and_plugged_again(seat: Daemon) -> None:
    seat.cli("simulated", "unplug")
    _wait(seat, lambda now: not now["devices"])
    assert "none attached" in seat.cli("status").stdout
    seat.cli("simulated", "plug")
    _wait(seat, lambda now: "headset" in now["devices"])
    listed = seat.json("devices", "list")
    assert [each["device"] for each in listed["devices"]] == ["headset"]
    assert "hold" in listed["lines"][0]["capabilities"]
    assert "Jabra" in seat.cli("devices", "list").stdout


def test_api_call_answers_json_and_refuses_with_the_nearest_name(seat: Daemon) -> None:
    answer = json.loads(command("api", "call", "server.info", "--socket", str(seat.socket)).stdout)
    assert answer["name"] == "callseat"
    assert answer["version"] == "0.1.0"
    refused = command("api", "call", "state.gett", "--socket", str(seat.socket), status=2)
    assert "did you mean state.get?" in refused.stderr
    refused = command("api", "call", "state.get", "[1]", "--socket", str(seat.socket), status=2)
    assert "no JSON object" in refused.stderr


def test_watch_streams_json_lines(seat: Daemon) -> None:
    program = [sys.executable, "-P", "-m", "callseat", "watch", "--json", "--socket", str(seat.socket)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE) as watching:
        assert watching.stdout is not None
        first = json.loads(watching.stdout.readline())
        assert first["snapshot"]["agent"]["state"] == "logged_out"
        seat.cli("agent", "sign-in", "1010")
        lines = [json.loads(watching.stdout.readline()) for _ in range(2)]
        watching.kill()
    assert [line["seq"] for line in lines] == [first["seq"] + 1, first["seq"] + 2]
    assert {line["topic"] for line in lines} == {"agent.not_ready", "state.changed"}


def test_watch_in_a_pipe_tells_a_picture_then_one_line_per_happening(seat: Daemon) -> None:
    program = [sys.executable, "-P", "-m", "callseat", "watch", "--count", "2", "--socket", str(seat.socket)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        head = [watching.stdout.readline() for _ in range(6)]
        seat.cli("agent", "sign-in", "1011")
        seat.cli("agent", "ready")
        rest, _ = watching.communicate(timeout=PATIENCE_S)
    assert head[0].startswith("agent     nobody")
    assert "agent.not_ready        agent=1011" in rest
    assert "agent.ready            agent=1011" in rest
    assert watching.returncode == 0


def test_bytes_that_are_no_text_and_a_10_mb_line_cost_nothing(seat: Daemon) -> None:
    call = _connected(seat)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        client.connect(str(seat.socket))
        answers = client.makefile("rb")
        client.sendall(b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}\n')
        assert json.loads(answers.readline())["error"]["data"]["kind"] == "not_utf8"
        client.sendall(b"a" * 10_000_000 + b"\n")
        assert json.loads(answers.readline())["error"]["data"]["kind"] == "too_long"
        client.sendall(b'{"jsonrpc":"2.0","id":2,"method":"state.get"}\n')
        assert json.loads(answers.readline())["result"]["snapshot"]["calls"][call]["state"] == "connected"
        answers.close()
    assert seat.alive
    (newest,) = seat.json("records", "calls", "--limit", "1")["calls"]
    assert (newest["call"], newest["state"]) == (call, "connected")


def test_a_second_daemon_on_the_same_socket_is_refused(seat: Daemon) -> None:
    refused = subprocess.run(
        [sys.executable, "-P", "-m", "callseat", "run", "--config", str(seat.config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert refused.returncode == 2
    assert f"another callseat (process {seat.process.pid if seat.process else 0})" in refused.stderr
    assert seat.alive
    assert seat.json("status")["info"]["name"] == "callseat"


def test_the_log_masks_numbers_and_tells_the_configuration_once(seat: Daemon) -> None:
    _ring(seat, "13812345678")
    log = seat.log()
    assert "13812345678" not in log
    assert log.count("configuration in effect") == 1
    assert 'id = "desk"  # file' in log
    assert "near_rate_hz = 16000" in log
