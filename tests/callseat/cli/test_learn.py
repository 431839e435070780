"""`callseat devices learn` and `replay` as a person or a program meets them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from typer.testing import CliRunner

from callseat.api.errors import RequestError
from callseat.cli import learn as learning
from callseat.cli.learn import Language, answer_of, learn, lease_of, pick_node
from callseat.cli.root import root
from devices.hid.lesson import Answer, Prompt, PromptKind
from state.errors import ConfigError, TransportError
from tests.callseat.learn_kit import Room, in_virtual_time, node_of
from tests.devices.hid.descriptors import ANKER, CX300, DATA, G535, JABRA, SC660
from tests.support import ROOT

TAPES = ROOT / "tests" / "tapes"


def cli(*words: str) -> Any:
    return CliRunner().invoke(root, ["devices", *words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    room = Room()
    in_virtual_time(learn(room.system, None, tmp_path / "out", room.tell, room.lease, room.answers))
    return tmp_path / "out"


# which headset ---------------------------------------------------------------------------------

NODES = (node_of(JABRA, 0), node_of(G535, 1), node_of(SC660, 2))


def picked(named: str | None, nodes: Any = NODES) -> str:
    return pick_node(nodes, named, Room().system).path.name


@pytest.mark.parametrize(
    ("named", "node"),
    [
        ("/dev/hidraw2", "hidraw2"),
        ("hidraw1", "hidraw1"),
        ("0b0e:0307", "hidraw0"),
        ("0B0E:0307", "hidraw0"),
        ("0b0e", "hidraw0"),
        ("0b0e:0307:A1:1-1.1", "hidraw0"),
    ],
)
def test_a_headset_is_named_by_node_or_identity(named: str, node: str) -> None:
    assert picked(named) == node


def test_without_a_name_the_only_one_with_call_controls_is_meant() -> None:
    assert picked(None, NODES[:2]) == "hidraw0"
    with pytest.raises(ConfigError, match=r"which headset.*hidraw0.*hidraw2"):
        picked(None)
    with pytest.raises(ConfigError, match=r"no HID device has call controls.*hidraw1"):
        picked(None, NODES[1:2])


def test_a_headset_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"no HID device is 1234:5678; name one of: /dev/hidraw0 0b0e:0307"):
        picked("1234:5678")
    with pytest.raises(ConfigError, match="plug the headset in"):
        picked(None, ())


# rights and leases -----------------------------------------------------------------------------


def test_a_missing_right_names_the_node_and_where_to_look(tmp_path: Path) -> None:
    room = Room(denied=True)
    with pytest.raises(TransportError, match=r"may not read and write /dev/hidraw0.*doctor devices"):
        in_virtual_time(learn(room.system, None, tmp_path, room.tell, room.lease, room.answers))
    assert room.leased == [f"held {room.node.identity}"]


class Seat:
    """The seat's end of the lease."""

    def __init__(self, refusal: RequestError | None = None) -> None:
        self.refusal = refusal
        self.calls: list[tuple[str, dict[str, object]]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.calls.append(("closed", {}))

    async def call(self, method: str, params: dict[str, object]) -> None:
        self.calls.append((method, params))
        if self.refusal is not None:
            raise self.refusal


def leased(monkeypatch: pytest.MonkeyPatch, seat: Seat) -> None:
    async def connect(_given: Path | None) -> Seat:
        return seat

    monkeypatch.setattr("callseat.cli.door.connect", connect)

    async def main() -> None:
        async with lease_of(None, "h1"):
            seat.calls.append(("lesson", {}))

    in_virtual_time(main())


def test_the_lease_lasts_as_long_as_the_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    seat = Seat()
    leased(monkeypatch, seat)
    asked = {"device": "h1", "app": learning.APP, "hands_off": True}
    assert seat.calls == [("headset.acquire", asked), ("lesson", {}), ("closed", {})]


def test_a_headset_that_somebody_holds_is_not_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    seat = Seat(RequestError("held", "h1 is held by softphone"))
    with pytest.raises(RequestError, match=r"h1: h1 is held by softphone; end that program") as raised:
        leased(monkeypatch, seat)
    assert raised.value.kind == "held"
    assert ("lesson", {}) not in seat.calls


def test_another_refusal_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestError, match="no such headset"):
        leased(monkeypatch, Seat(RequestError("no_such_device", "no such headset")))


# the command -----------------------------------------------------------------------------------


def test_a_program_drives_it_by_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal every prompt is one JSON object; the lesson itself runs in virtual time."""
    room = Room()

    def run(main: Any) -> Any:
        return in_virtual_time(main)

    @asynccontextmanager
    async def no_lease(*_: object) -> AsyncIterator[None]:
        yield

    told: list[Any] = []

    async def held(system: Any, named: Any, out: Any, tell: Any, lease: Any) -> Any:
        def both(prompt: Prompt) -> None:
            told.append(prompt)
            room.tell(prompt)
            tell(prompt)

        return await learn(room.system, named, out, both, room.lease, room.answers)

    monkeypatch.setattr(learning, "learn", held)
    monkeypatch.setattr("asyncio.run", run)
    monkeypatch.setattr("callseat.cli.doctor.look", nothing_here)
    result = cli("learn", "--json", "--lang", "en", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["kind"] for line in lines[:2]] == ["watch", "do"]
    assert lines[1] == {
        "kind": "do",
        "step": "answer",
        "text": "It rings: press the call key once to answer",
        "limit_s": 20.0,
    }
    assert lines[-1]["kind"] == "result"
    assert lines[-1]["mismatches"] == []
    assert len(lines) == len(told) + 1


def nothing_here(_socket: object, _config: object) -> Any:
    from types import SimpleNamespace

    from callseat.diagnosis.facts import Reach
    from devices.models import REGISTRY

    daemon = SimpleNamespace(message="no seat is running", reach=Reach.ABSENT, snapshot={})
    return SimpleNamespace(nodes=(), daemon=daemon), None, REGISTRY


def test_a_seat_that_does_not_answer_is_not_gone_around(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from callseat.diagnosis.facts import Reach

    def denied(_socket: object, _config: object) -> Any:
        daemon = SimpleNamespace(message="not allowed to use the socket", reach=Reach.DENIED)
        return SimpleNamespace(nodes=(), daemon=daemon), None, None

    monkeypatch.setattr("callseat.cli.doctor.look", denied)
    result = cli("learn", "--json")
    assert result.exit_code == 3
    assert "not allowed to use the socket" in result.stderr


def test_nothing_is_taught_while_a_call_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from callseat.diagnosis.facts import Reach

    def busy(_socket: object, _config: object) -> Any:
        daemon = SimpleNamespace(message="", reach=Reach.RUNNING, snapshot={"calls": {"desk-1": {}}})
        return SimpleNamespace(nodes=(), daemon=daemon), None, None

    monkeypatch.setattr("callseat.cli.doctor.look", busy)
    result = cli("learn", "--json")
    assert result.exit_code == 1
    assert "a call is up (desk-1)" in result.stderr


def test_prompts_are_chinese_unless_asked_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = Prompt(PromptKind.DO, "answer", "请按通话键", "Press the call key", 20.0)
    heard = Prompt(PromptKind.HEARD, "answer", "听到 1", "heard 1")
    for lang in Language:
        tell = learning._tell_text(lang)
        tell(prompt)
        tell(heard)
    assert capsys.readouterr().out.splitlines() == [
        "回车跳过，r 重做，y/n 回答，q 结束",
        "> 请按通话键 (20 s)",
        "  听到 1",
        "Enter skips, r repeats, y/n answers, q ends",
        "> Press the call key (20 s)",
        "  heard 1",
    ]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("\n", Answer.SKIP),
        ("r\n", Answer.REPEAT),
        (" Y \n", Answer.YES),
        ("n", Answer.NO),
        ("q\n", Answer.STOP),
        ("是\n", Answer.YES),
        ("否\n", Answer.NO),
        ("重\n", Answer.REPEAT),
        ("what?\n", None),
    ],
)
def test_what_a_line_means(line: str, answer: Answer | None) -> None:
    assert answer_of(line) is answer


def test_lines_of_standard_input_become_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("y\nhm\nq\n"))

    async def main() -> list[Answer]:
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        learning._listen(answers)
        async with asyncio.timeout(20):
            return [await answers.get(), await answers.get()]

    assert asyncio.run(main()) == [Answer.YES, Answer.STOP]


# check and replay ------------------------------------------------------------------------------


def test_check_holds_a_folder_against_itself(folder: Path) -> None:
    good = cli("learn", "--check", str(folder))
    assert good.exit_code == 0
    assert "the record explains every step of the tape" in good.stdout
    script = folder / "script.json"
    script.write_text(script.read_text().replace('"off_hook": true', '"off_hook": false', 1))
    bad = cli("learn", "--check", str(folder))
    assert bad.exit_code == 1
    assert "answer: expected" in bad.stdout
    told = json.loads(cli("learn", "--check", str(folder), "--json").stdout)
    assert [each["step"] for each in told["mismatches"]] == ["answer"]
    missing = cli("learn", "--check", str(folder / "none"))
    assert missing.exit_code == 2
    assert "descriptor.json: cannot be read" in missing.stderr


@pytest.mark.parametrize("name", [JABRA, ANKER, CX300])
def test_replay_tells_events_and_writes_of_a_tape(name: str) -> None:
    tape, descriptor = TAPES / f"{name}.tape.jsonl", DATA / f"{name}.json"
    told = json.loads(cli("replay", str(tape), "--descriptor", str(descriptor), "--json").stdout)
    types = [event["type"] for event in told["events"]]
    assert types.count("DigitKeyed") == 4
    assert {"HookChanged", "MuteRequested", "ButtonPressed"} <= set(types)
    assert {event["digit"] for event in told["events"] if event["type"] == "DigitKeyed"} == {"?"}
    assert {write["via"] for write in told["writes"]} <= {"output", "feature"}
    assert told["writes"]
    text = cli("replay", str(tape), "--descriptor", str(descriptor)).stdout
    assert len(text.splitlines()) == len(types)
    assert "HookChanged" in text


def test_replay_hears_with_the_records_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ours.toml").write_text(
        'name = "our Evolve"\nvendor_id = "0b0e"\nproduct_id = "0307"\n[usages]\n"000B:002F" = ""\n'
        '[evidence]\nusages = "its mute key is stuck (seat 7, 2026-11-02)"\n',
        encoding="utf-8",
    )
    config = tmp_path / "callseat.toml"
    config.write_text('[headsets]\nrecords_dir = "."\n[[line]]\nid = "desk"\n', encoding="utf-8")
    monkeypatch.setenv("CALLSEAT_CONFIG", str(config))
    tape, descriptor = TAPES / f"{JABRA}.tape.jsonl", DATA / f"{JABRA}.json"
    told = json.loads(cli("replay", str(tape), "--descriptor", str(descriptor), "--json").stdout)
    types = {event["type"] for event in told["events"]}
    assert "HookChanged" in types
    assert "MuteRequested" not in types


def test_replay_refuses_what_is_no_tape_of_one_headset(tmp_path: Path) -> None:
    descriptor = str(DATA / f"{JABRA}.json")
    two = tmp_path / "two.jsonl"
    lines = [json.dumps({"t": 1.0, "device": name, "dir": "in", "hex": "020000"}) for name in ("a", "b")]
    two.write_text("\n".join(lines))
    result = cli("replay", str(two), "--descriptor", descriptor)
    assert result.exit_code == 2
    assert "of several devices: a, b" in result.stderr
    two.write_text("nonsense\n")
    result = cli("replay", str(two), "--descriptor", descriptor)
    assert result.exit_code == 1
    assert "two.jsonl line 1: not JSON" in result.stderr
    two.write_text("")
    result = cli("replay", str(two), "--descriptor", descriptor, "--json")
    assert json.loads(result.stdout)["events"] == []
