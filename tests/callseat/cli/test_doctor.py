"""`callseat doctor`, `devices list` and `devices show`, on a machine in a folder and beside a real daemon."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from callseat.api.client import ApiClient
from callseat.cli.doctor import look, nodes_json, nodes_table, report
from callseat.cli.portrait import describe, lines_of
from tests.callseat.cli.daemon_kit import Daemon, command, until
from tests.callseat.diagnosis.tree import BRIO, CX300, JABRA, Tree

NODE_KEYS = ["node", "identity", "name", "call_control", "score", "why", "used_by"]


@pytest.fixture(name="daemon", scope="module")
def _daemon() -> Iterator[Daemon]:
    daemon = Daemon()
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.close()


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "machine")


def _configuration(tmp_path: Path, text: str = "") -> Path:
    path = tmp_path / "callseat.toml"
    path.write_text('[[line]]\nid = "desk"\n' + text, encoding="utf-8")
    return path


def _nowhere(tmp_path: Path) -> Path:
    return tmp_path / "no.sock"


def test_a_report_for_a_person(tree: Tree, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = tree.plug(JABRA)
    facts, _, _ = look(_nowhere(tmp_path), _configuration(tmp_path), tree.root)
    assert report(facts) == 1
    told = capsys.readouterr().out
    assert "fault rules_not_installed: /etc/udev/rules.d/70-callseat.rules\n" in told
    assert f"fault node_denied: {node}\n  callseat may not open it: crw-------" in told
    assert "  why:  nobody serves the headsets" in told
    assert "  next: `sudo systemctl restart callseat" in told
    assert told.endswith("3 to fix, 0 to know\n")
    assert "0b0e:0307::1-1.2" in told.splitlines()[1]


def test_a_report_for_machines(tree: Tree, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree.plug(BRIO)
    facts, _, _ = look(_nowhere(tmp_path), _configuration(tmp_path), tree.root)
    assert report(facts, json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert [each["kind"] for each in told["findings"]][:2] == ["daemon_not_running", "no_headset"]
    assert told["daemon"]["reach"] == "absent"
    (node,) = told["nodes"]
    assert list(node) == NODE_KEYS
    assert node["call_control"] is False


def test_notes_alone_are_nothing_to_fix(
    daemon: Daemon, tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    tree.plug(BRIO)
    facts, _, _ = look(daemon.socket, None, tree.root)
    assert report(facts) == 0
    assert "0 to fix, 1 to know" in capsys.readouterr().out


def test_the_configuration_of_the_running_seat_is_the_one_in_effect(daemon: Daemon, tree: Tree) -> None:
    facts, wanted, _ = look(daemon.socket, None, tree.root)
    assert wanted.path == daemon.config
    assert [each.id for each in wanted.simulated] == ["headset"]
    assert facts.config.simulated_only
    assert daemon.process is not None
    assert facts.daemon.pid == daemon.process.pid


def test_a_configuration_that_cannot_be_read_is_a_finding(
    tree: Tree, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for config in (_configuration(tmp_path, "nonsense = 1\n"), tmp_path / "missing.toml"):
        facts, _, _ = look(_nowhere(tmp_path), config, tree.root)
        assert report(facts) == 1
        assert f"fault config_unusable: {config}" in capsys.readouterr().out


def test_a_configuration_that_is_not_for_our_eyes_is_no_finding(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = _configuration(tmp_path, "nonsense = 1\n")
    monkeypatch.setattr("callseat.diagnosis.seat.os.access", lambda _path, _mode: False)
    facts, _, _ = look(_nowhere(tmp_path), config, tree.root)
    assert (facts.config.path, facts.config.error) == (config, "")


def test_site_records_count_and_what_is_wrong_with_them_is_told(tree: Tree, tmp_path: Path) -> None:
    tree.plug(JABRA)
    records = tmp_path / "headsets.d"
    records.mkdir()
    (records / "ours.toml").write_text("name = 3\n", encoding="utf-8")
    config = _configuration(tmp_path, f'[headsets]\nrecords_dir = "{records}"\n')
    facts, _, models = look(_nowhere(tmp_path), config, tree.root)
    assert any("ours.toml" in problem for problem in facts.config.record_problems)
    assert models.find(0x0B0E, 0x0307) is not None


def test_a_pinned_headset_is_named_as_configured(tree: Tree, tmp_path: Path) -> None:
    tree.plug(JABRA)
    tree.plug(CX300, 1, "1-3")
    pin = '[[headset]]\nid = "left"\nbackend = "hidraw"\nvendor_id = 0x0b0e\n'
    facts, wanted, models = look(_nowhere(tmp_path), _configuration(tmp_path, pin), tree.root)
    assert [node.device for node in facts.nodes] == ["left", "095d:9201::1-3"]
    assert [each["used_by"] for each in nodes_json(facts)] == ["", ""]
    assert "hidraw1" in nodes_table(facts)
    shown = describe("left", facts, wanted, models)
    assert (shown["identity"], shown["seat"]) == ("0b0e:0307::1-1.2", None)
    assert describe(str(facts.nodes[1].node.path), facts, wanted, models)["device"] == "095d:9201::1-3"


def test_one_device_in_full(tree: Tree, tmp_path: Path) -> None:
    tree.plug(CX300)
    facts, wanted, models = look(_nowhere(tmp_path), _configuration(tmp_path), tree.root)
    shown = describe("095d:9201::1-1.2", facts, wanted, models)
    told = "\n".join(lines_of(shown))
    assert "of 100: controls calls: " in told
    assert "reject: the delete key while it rings" in told
    assert "display: yes" in told
    assert "model record: Polycom CX300" in told
    assert "unacked_drop_s = 0.05: hook falls back after 50 ms" in told
    assert told.endswith("at the seat: not attached")
    with pytest.raises(typer.BadParameter, match=r"there are: 095d:9201::1-1\.2"):
        describe("nobody", facts, wanted, models)


def test_the_simulated_headset_of_a_running_seat(daemon: Daemon) -> None:
    shown = daemon.json("devices", "show", "headset")
    assert shown["call_control"] is True
    (hook,) = (each for each in shown["controls"] if each["usage"] == "000B:0020")
    assert (hook["name"], hook["report_id"], hook["bit"], hook["kind"]) == ("Hook Switch", 2, 0, "level")
    assert {lamp["name"] for lamp in shown["lamps"]} >= {"Off-Hook", "Mute", "Ring", "Hold"}
    assert shown["abilities"]["reject"] == "a key of its own"
    assert shown["seat"]["holder"] == ""
    text = daemon.cli("devices", "show", "headset").stdout
    assert "held by: nobody" in text
    assert "mute: " in text
    assert "headset" in daemon.cli("devices", "show", "third", status=2).stderr


def test_the_list_beside_a_running_seat(daemon: Daemon) -> None:
    async def in_service() -> None:
        async with await ApiClient.connect(daemon.socket) as client:
            await until(lambda picture: "desk" in picture["lines"], client)

    asyncio.run(in_service())
    listed = daemon.json("devices", "list")
    assert [each["device"] for each in listed["devices"]] == ["headset"]
    assert [each["line"] for each in listed["lines"]] == ["desk"]
    assert all(list(each) == NODE_KEYS for each in listed["nodes"])
    assert "lamps: all off" in daemon.cli("devices", "list").stdout


def test_without_a_seat_the_list_says_so_and_is_no_failure(tmp_path: Path) -> None:
    named = ("--socket", str(_nowhere(tmp_path)))
    assert "no seat is running" in command("devices", "list", *named).stdout
    told = json.loads(command("devices", "list", "--json", *named).stdout)
    assert (told["devices"], told["lines"]) == ([], [])


def test_the_command_says_what_it_looks_at(tmp_path: Path) -> None:
    assert "there is: devices, audio" in command("doctor", "sound", status=2).stderr
    told = command("doctor", "devices", "--json", "--socket", str(_nowhere(tmp_path)), status=1)
    assert "daemon_not_running" in [each["kind"] for each in json.loads(told.stdout)["findings"]]
