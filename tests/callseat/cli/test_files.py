"""Commands that need no running seat: configuration, phrases, transcripts, recordings, journals, help."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from audio.wav import read_wav, write_wav
from callseat import __version__
from callseat.__main__ import main
from callseat.api.methods import METHODS
from callseat.cli.root import root
from callseat.config import example
from callseat.journal import Header, Journal
from state.commands import SignIn
from state.effects import Publish
from state.events import CommandRequested, LineInService
from state.ids import LineId
from state.words import Basis
from tests.callseat.cli.daemon_kit import command
from tests.support import ROOT

TRANSCRIPT = ROOT / "tests/data/at/phonesim_incoming_answer_hangup.txt"
SENTENCE = ROOT / "tests/recordings/sentence_zh.wav"

LAZY = ("numpy", "rich", "holidays", "callseat.app", "callseat.core", "audio", "asyncio", "msgspec")
"""What `--help` must not import: each costs tens of milliseconds, several times that on a Pi."""


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert __version__ == project["version"]
    assert command("--version").stdout == f"callseat {__version__}\n"


def test_a_locale_without_chinese_costs_characters_and_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, "ascii"))
    monkeypatch.setattr("sys.argv", ["callseat", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    print("无声", flush=True)
    assert ended.value.code == 0
    assert written.getvalue().decode("ascii") == f"callseat {__version__}\n??\n"


def test_help_imports_little() -> None:
    program = (
        "import sys\nfrom callseat.cli.root import root\n"
        "try:\n    root(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {LAZY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
    assert "simulate" in done.stdout


def test_every_command_has_help_and_every_reading_command_has_json() -> None:
    import typer

    top = typer.main.get_command(root)
    reading = {
        "status", "watch", "simulate", "demo", "list", "calls", "promises", "agents", "replay", "segments",
        "render", "check", "show", "methods", "why",
    }  # fmt: skip
    found = set()
    stack = list(top.commands.items())
    while stack:
        name, each = stack.pop()
        assert each.help, name
        stack += getattr(each, "commands", {}).items()
        if name in reading and not hasattr(each, "commands"):
            found.add(name)
            assert "--json" in {option for given in each.params for option in given.opts}, name
    assert found == reading


def test_the_commands_of_the_design_are_there() -> None:
    shown = command("--help").stdout
    for name in ("run", "demo", "simulate", "config", "status", "watch", "answer", "hangup", "hold", "mute"):
        assert f"\n  {name} " in shown
    for name in ("agent", "devices", "phone", "audio", "prompts", "records", "api", "simulated"):
        assert f"\n  {name} " in shown


def test_no_command_shows_the_help_and_an_unknown_one_a_hint() -> None:
    assert "Commands:" in command(status=2).output
    assert "No such command 'statsu'" in command("statsu", status=2).stderr


def test_a_dead_socket_is_named_with_the_way_to_start(tmp_path: Path) -> None:
    path = tmp_path / "nobody"
    for arguments in (("status",), ("answer",), ("watch", "--json"), ("api", "call", "server.info")):
        refused = command(*arguments, "--socket", str(path), status=3)
        assert f"nobody listens on {path}" in refused.stderr
        assert f"callseat run --socket {path}" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    assert "/nonexistent" in command("status", status=3).stderr


def test_the_socket_of_the_configuration_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[socket]\npath = "mine"', encoding="utf-8")
    from callseat.cli.door import socket_path

    monkeypatch.setenv("CALLSEAT_CONFIG", str(config))
    assert socket_path(None) == tmp_path / "mine"
    assert socket_path(Path("/x")) == Path("/x")


# configuration ------------------------------------------------------------------------------------


def test_the_example_is_a_good_configuration(tmp_path: Path) -> None:
    path = tmp_path / "callseat.toml"
    path.write_text(command("config", "example").stdout, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == example()
    assert command("config", "check", str(path)).stdout == f"{path}: good\n"
    assert json.loads(command("config", "check", str(path), "--json").stdout)["ok"] is True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[seat\n", ("not valid TOML", "line 1")),
        (b'[seat]\nlanguge = "en"\n', (":2:", "[seat] languge", "language")),
        (b"[silent_call]\nwait_1_s = true\n", (":2:", "must be a number")),
        (b'[seat]\ncentre_name = "\xff"\n', ("not UTF-8", ":2:")),
        (b'[prompts]\nphrases = "none.toml"\n', ("phrases", "none.toml", "cannot be read")),
        (b'[prompts]\nrecordings_dir = "none"\n', ("recordings_dir", "no folder")),
        (b'[[headset]]\nid = "h"\ndescriptor = "none"\n', ("headset h", "none", "cannot be read")),
        (b'[[line]]\nid = "l"\nbackend = "at"\n', ("port", "an `at` line needs it")),
    ],
)
def test_a_bad_configuration_is_one_clear_line_each(
    tmp_path: Path, content: bytes, words: tuple[str, ...]
) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    refused = command("config", "check", str(path), status=2)
    (line,) = refused.stderr.splitlines()
    for word in words:
        assert word in line
    answer = json.loads(command("config", "check", str(path), "--json", status=2).stdout)
    assert answer["problems"] == [line]
    assert answer["ok"] is False


def test_every_problem_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[seat]\na = 1\nb = 2\n", encoding="utf-8")
    assert len(command("config", "check", str(path), status=2).stderr.splitlines()) == 2


def test_files_a_configuration_names_are_judged_too(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    (tmp_path / "zh-CN").mkdir()
    (tmp_path / "zh-CN" / "opening.wav").write_bytes(b"RIFF")
    (tmp_path / "p.toml").write_text('[zh-CN."opening.inboud"]\nshow = "x"\n', encoding="utf-8")
    (tmp_path / "short.bin").write_bytes(bytes.fromhex("050b0905a1018502"))
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "acme.toml").write_text('nam = "Acme"\n', encoding="utf-8")
    path.write_text(
        '[prompts]\nrecordings_dir = "."\nphrases = "p.toml"\n'
        '[headsets]\nrecords_dir = "records"\n'
        '[[headset]]\nid = "h"\ndescriptor = "short.bin"',
        encoding="utf-8",
    )
    told = command("config", "check", str(path), status=2).stderr
    assert "opening.wav" in told
    assert 'the nearest is "opening.inbound"' in told
    assert "short.bin" in told
    assert "acme.toml:1: nam: unknown, did you mean name?" in told


def test_a_missing_configuration_is_told_with_the_places(tmp_path: Path) -> None:
    refused = command("run", "--config", str(tmp_path / "none.toml"), status=2)
    assert "callseat config example >" in refused.stderr
    assert "/nonexistent/callseat/callseat.toml" in command("config", "show", status=2).stderr


def test_show_tells_what_is_in_effect_and_who_says_so(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[seat]\nlanguage = "en"\n', encoding="utf-8")
    shown = command("config", "show", str(path)).stdout
    assert 'language = "en"  # file' in shown
    assert 'mode = "assist"  # default' in shown
    plain = json.loads(command("config", "show", str(path), "--json").stdout)
    assert plain["seat"]["language"] == "en"
    assert plain["given"] == ["seat.0.language"]


def test_every_option_is_read_by_something() -> None:
    from callseat.config.options import SECTIONS

    rooms = ("state", "devices", "prompts", "audio", "firmware_bridge", "callseat")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    read = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sources
        if "callseat/config" not in str(path) and path.name != "settings.py"
    )
    handed_on = {
        "headsets.adopt": "adopt_headsets",
        "headsets.records_dir": "headset_records_dir",
        "records.path": "records_path",
        "socket.path": "socket_path",
        "tapes.dir": "tapes_dir",
    }
    unread = [
        f"{section.name}.{option.key}"
        for section in SECTIONS
        for option in section.options
        if f".{handed_on.get(f'{section.name}.{option.key}', option.key)}" not in read
    ]
    assert unread == []


# phrases, transcripts, recordings, journals ---------------------------------------------------------


def test_phrases_are_listed_and_rendered_by_time_and_person() -> None:
    listed = json.loads(command("prompts", "list", "--language", "en", "--json").stdout)
    assert listed["language"] == "en"
    assert "silent.stage_2.inbound" in [each["key"] for each in listed["phrases"]]
    assert "opening.inbound" in command("prompts", "list").stdout
    holiday = command("prompts", "render", "opening.inbound", "--agent", "1007", "--when", "2026-02-17T09:30")
    assert "新春好" in holiday.stdout
    assert "工号1007" in holiday.stdout
    rendered = (
        "prompts",
        "render",
        "opening.outbound",
        "--about",
        "王女士:快递",
        "--language",
        "en",
        "--json",
    )
    assert "王女士" in json.loads(command(*rendered).stdout)["say"]
    assert (
        'the nearest is "opening.inbound"' in command("prompts", "render", "opening.inboud", status=2).stderr
    )
    assert "2026-02-17T09:30" in command("prompts", "render", "closing", "--when", "noon", status=2).stderr


def test_a_phrase_is_written_as_sound(tmp_path: Path) -> None:
    recording = read_wav(SENTENCE)
    (tmp_path / "zh-CN").mkdir()
    write_wav(tmp_path / "zh-CN" / "opening.inbound.wav", recording.samples, recording.rate)
    config = tmp_path / "c.toml"
    config.write_text('[prompts]\nrecordings_dir = "."\ncache_dir = "cache"\n', encoding="utf-8")
    out = tmp_path / "out.wav"
    command("prompts", "render", "opening.inbound", "--wav", str(out), "--config", str(config))
    assert read_wav(out).duration_s == recording.duration_s


@pytest.mark.parametrize("chunk", ["all", "one", "random:7"])
def test_a_transcript_gives_the_same_events_at_any_chunking(chunk: str) -> None:
    answer = command(
        "phone", "replay", str(TRANSCRIPT), "--profile", "27007", "--chunk", chunk, "--json"
    ).stdout
    rows = [json.loads(line) for line in answer.splitlines()]
    assert [[row[key] for key in ("event", "call", "state", "cause", "at")] for row in rows] == [
        ["call.delivered", "line-1", "ringing", None, 0.082],
        ["call.updated", "line-1", "ringing", None, 0.082],
        ["call.established", "line-1", "connected", None, 4.562],
        ["call.cleared", "line-1", "idle", "normal_clearing", 4.658],
    ]
    assert rows[1]["number"] == "+4930123456"


def test_single_lines_of_a_device_are_explained(tmp_path: Path) -> None:
    recording = tmp_path / "bytes"
    recording.write_bytes(b"\r\nRING\r\n+CCWA: 0,1\r\n+CCWA: 0,4\r\n+RXDTMF: 7\r\n+CLCC: 1,1\r\nhello\r\n")
    rows = [
        json.loads(line) for line in command("phone", "lines", str(recording), "--json").stdout.splitlines()
    ]
    assert [row["means"] for row in rows] == ["ring", "call_waiting", "digit", "text", "text"]
    assert rows[1]["voice"] == "off"
    assert "7" not in str(rows[2])
    assert "call_waiting   voice=off" in command("phone", "lines", str(recording)).stdout
    assert "cannot be read" in command("phone", "lines", str(tmp_path / "no"), status=2).stderr


def test_a_transcript_is_told_in_lines_and_refused_clearly(tmp_path: Path) -> None:
    assert "call.cleared" in command("phone", "replay", str(TRANSCRIPT)).stdout
    nonsense = tmp_path / "t.txt"
    nonsense.write_bytes(b"hello")
    assert f"{nonsense}:1:" in command("phone", "replay", str(nonsense), status=2).stderr
    nonsense.write_bytes(b"\xff")
    assert "not UTF-8" in command("phone", "replay", str(nonsense), status=2).stderr
    assert "cannot be read" in command("phone", "replay", str(tmp_path / "no"), status=2).stderr
    refused = command("phone", "replay", str(TRANSCRIPT), "--profile", "gsm", status=2)
    assert "there are 27007, hayes, hfp" in refused.stderr
    assert "random:SEED" in command("phone", "replay", str(TRANSCRIPT), "--chunk", "x", status=2).stderr


def test_segments_are_told_and_written_as_csv(tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    answer = json.loads(command("audio", "segments", str(SENTENCE), "--csv", str(out), "--json").stdout)
    assert answer["segments"]
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["start_s"]) for row in rows] == pytest.approx(
        [each["start_s"] for each in answer["segments"]], abs=0.001
    )
    assert "speech" in command("audio", "segments", str(SENTENCE)).stdout
    empty = tmp_path / "zero.wav"
    empty.write_bytes(b"")
    assert "zero.wav" in command("audio", "segments", str(empty), status=2).stderr


def test_a_journal_is_decided_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    header = Header("s1", "boot", "config", "phrases")
    journal = Journal(path, 1 << 20, header)
    journal.start()
    line = LineId("desk")
    journal.consumed(1.0, LineInService(1.0, line, line, ("answer",)), (Publish("line.in_service"),))
    journal.consumed(2.0, CommandRequested(2.0, "socket", SignIn("1007"), Basis.APP, None), ())
    journal.close()
    lines = [
        json.loads(each) for each in command("journal", "replay", str(path), "--json").stdout.splitlines()
    ]
    assert [each["event"] for each in lines] == ["LineInService", "CommandRequested"]
    assert lines[0]["effects"] == [["Publish", "line.in_service"]]
    assert lines[0]["same"] is True
    assert lines[1]["same"] is False
    assert ["Publish", "agent.not_ready"] in lines[1]["effects"]
    told = command("journal", "replay", str(path), "--differences").stdout
    assert told.endswith("2 decisions, 1 decided otherwise now\n")
    assert "LineInService" not in told
    assert "no such journal" in command("journal", "replay", str(tmp_path / "none"), status=2).stderr


def test_records_are_read_from_a_file_where_no_seat_runs(tmp_path: Path) -> None:
    refused = command("records", "calls", status=2)
    assert "no seat is running" in refused.stderr
    (tmp_path / "c.toml").write_text('[records]\npath = "r.sqlite"', encoding="utf-8")
    missing = command("records", "calls", "--config", str(tmp_path / "c.toml"), status=2)
    assert str(tmp_path / "r.sqlite") in missing.stderr
    other = tmp_path / "other"
    other.write_text("no database", encoding="utf-8")
    assert str(other) in command("records", "calls", "--file", str(other), status=2).stderr


def test_the_methods_are_listed() -> None:
    listed = json.loads(command("api", "methods", "--json").stdout)["methods"]
    assert {each["name"] for each in listed} == set(METHODS)
    assert "simulated.act" in command("api", "methods").stdout
