"""One seat from one configuration: every option arrives where it is used, mistakes are the operator's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audio.wav import read_wav
from callseat.api.errors import RequestError
from callseat.app import App
from callseat.assembly import Assembly, assemble, load_phrasebook, new_session
from callseat.config import Config, load_config
from callseat.journal import headers, replay_events
from callseat.loops import VirtualTimeLoop
from callseat.records import RecordStore, query_agents, query_calls
from callseat.runtime.workers import ThreadWorker
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from callseat.simulated_acts import act_on
from devices.simulated.headset_models import HEADSETS
from firmware_bridge.busy_light import find_busy_light
from firmware_bridge.tape import load_tape
from state.busy import Colour
from state.commands import Dial, SignIn
from state.effects import Effect, PlayPrompt
from state.errors import ConfigError
from state.events import CivilTimeKnown, CommandRequested, Event, PromptStarted
from state.ids import DeviceId, LineId
from state.rows import AgentRow, Stamp
from state.settings import SeatSettings
from state.snapshot import Snapshot
from state.words import Basis, CallState, SilentCallMode
from tests.support import ROOT
from tests.virtual import passes

DAY_S = datetime(2026, 5, 20, 1, 30, tzinfo=UTC).timestamp()
"""09:30 in Shanghai."""
DESK, HEADSET = LineId("desk"), DeviceId("headset")

SEAT = """
[[line]]
id = "desk"
answer_after_s = 0
[[headset]]
id = "headset"
[prompts]
speak = false
cache_dir = "cache"
[records]
path = "records.sqlite"
[journal]
path = "journal.jsonl"
[socket]
path = "seat.sock"
"""


def configured(folder: Path, more: str = "", base: str = SEAT) -> Config:
    path = folder / "callseat.toml"
    path.write_text(base + more, encoding="utf-8")
    return load_config(path)


class Played:
    """An app running a script in virtual time, with everything it decided."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.shown: list[Snapshot] = []

    def consumed(self, at: float, event: Event | None, effects: tuple[Effect, ...]) -> None:
        self.events += [] if event is None else [event]
        self.effects += effects


def play(seat: Assembly, script: Any, **parts: Any) -> Played:
    """Run the seat until the script ends."""
    played = Played()
    given: dict[str, Any] = {"civil": StageClock(ClockSetting(DAY_S, 28800)), "serve_socket": False} | parts

    async def main() -> None:
        await seat.app(observers=[played], on_snapshot=[played.shown.append], **given).run(script)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    return played


async def act(seat: Assembly, what: str, **params: object) -> Mapping[str, object]:
    return await act_on(seat.simulated, {"act": what, **params})


def test_a_call_goes_through_every_part(tmp_path: Path) -> None:
    seat = assemble(configured(tmp_path), wall_s=DAY_S, session="s1")

    async def script(app: App) -> None:
        await passes(1)
        app.post(CommandRequested(asyncio.get_running_loop().time(), "t", SignIn("1007"), Basis.APP, None))
        await act(seat, "ring", number="13800138000", name="Wang")
        await passes(1)
        assert seat.simulated.headsets[HEADSET].model.lamps.ring
        await act(seat, "press", button="hook")
        await passes(1)
        assert seat.simulated.headsets[HEADSET].model.lamps.off_hook
        await act(seat, "hangup")
        await passes(1)

    play(seat, script)
    (call,) = query_calls(tmp_path / "records.sqlite")
    assert (call.row.number, call.row.name, call.row.agent) == ("13800138000", "Wang", "1007")
    assert (call.row.state, call.session) == (CallState.IDLE, "s1")
    (header,) = headers(tmp_path / "journal.jsonl")
    assert header["session"] == "s1"
    assert header["phrases"] == seat.phrasebook.digest()
    journalled = list(replay_events(tmp_path / "journal.jsonl"))
    assert any(type(event).__name__ == "CallEstablished" for event in journalled)
    assert "13800138000" not in (tmp_path / "journal.jsonl").read_text(encoding="utf-8")


def test_every_run_has_its_own_session(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert new_session("0123456789abcdef", 1.0) == "01234567-3e8"
    assert new_session("a", 1.0) != new_session("a", 1.001)
    assert new_session("a", 1.0) != new_session("b", 1.0)
    seat = assemble(config, records=False, journal=False)
    assert seat.config.seat.session not in ("", SeatSettings().session)
    assert (seat.store, seat.journal) == (None, None)


def test_the_procedures_reach_the_core(tmp_path: Path) -> None:
    config = configured(tmp_path, '[silent_call]\nmode = "off"\nwait_1_s = 7\n[keys]\nline = "redial"\n')
    assert config.seat.silent_call.mode is SilentCallMode.OFF
    assert config.seat.silent_call.wait_1_s == 7
    assert config.seat.keys == (("line", "redial"),)
    seat = assemble(config, session="s")

    async def script(_app: App) -> None:
        await act(seat, "ring")
        await passes(1)
        await act(seat, "press", button="hook")
        await passes(20)

    assert not [snapshot for snapshot in play(seat, script).shown if snapshot.cue is not None]


def test_the_agents_own_keys_repeat_and_cancel_by_default() -> None:
    keys = dict(SeatSettings().keys)
    assert (keys["repeat_cue"], keys["cancel_cue"]) == ("repeat_cue", "cancel_cue")


def test_prompts_are_spoken_or_shown(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings" / "zh-CN"
    recordings.mkdir(parents=True)
    sentence = (ROOT / "tests/recordings/sentence_zh.wav").read_bytes()
    (recordings / "opening.inbound.ear.wav").write_bytes(sentence)

    def cued(name: str, more: str) -> Played:
        folder = tmp_path / name
        folder.mkdir()
        base = SEAT.replace("speak = false\n", more)
        seat = assemble(configured(folder, base=base), wall_s=DAY_S, session="s", wav_dir=folder)

        async def script(_app: App) -> None:
            await act(seat, "ring")
            await passes(1)
            await act(seat, "press", button="hook")
            await passes(6)
            await act(seat, "hangup")
            await passes(1)

        return play(seat, script, phrases=())

    quiet = cued("quiet", "speak = false\n")
    assert not [effect for effect in quiet.effects if isinstance(effect, PlayPrompt)]
    assert [shown for shown in quiet.shown if shown.cue is not None]
    spoken = cued("spoken", f'speak = true\nrecordings_dir = "{tmp_path / "recordings"}"\n')
    (first, *_) = (effect for effect in spoken.effects if isinstance(effect, PlayPrompt))
    assert first.phrase == "opening.inbound.ear"
    assert [event for event in spoken.events if isinstance(event, PromptStarted)]
    heard = read_wav(tmp_path / "spoken" / "desk-01-ear.wav").samples
    silent = read_wav(tmp_path / "quiet" / "desk-01-ear.wav").samples
    assert abs(heard.astype(int)).max() > 4 * abs(silent.astype(int)).max()


def test_the_cap_and_the_peak_of_prompts_reach_the_mixer(tmp_path: Path) -> None:
    from audio.mixer import CallMixer
    from callseat.runtime.backends import hearings

    audio = (
        "[audio]\nprompt_cap_dbfs = -33\nprompt_peak_dbfs = -15\nnear_rate_hz = 48000\nfar_rate_hz = 16000\n"
    )
    seat = assemble(configured(tmp_path, audio), records=False, journal=False)
    hearing = hearings(seat.config, seat.simulated)[DESK]
    sound = hearing.open_audio()
    assert (sound.near_rate, sound.far_rate) == (48000, 16000)
    mixer = hearing.open_mixer(sound)
    assert isinstance(mixer, CallMixer)
    settings = vars(mixer)["_settings"]
    assert (settings.prompt_cap_dbfs, settings.prompt_peak_dbfs) == (-33, -15)


def test_phrases_without_facts_are_rendered_ahead(tmp_path: Path) -> None:
    seat = assemble(configured(tmp_path, base=SEAT.replace("speak = false\n", "")), session="s")
    ahead = {phrase: text for phrase, text, _ in seat.phrases_ahead()}
    assert ahead["cause.agent_muted.ear"] == seat.phrasebook.phrase("zh-CN", "cause.agent_muted").show
    assert not [text for text in ahead.values() if "{" in text or "?" in text or not text]
    assert "opening.inbound" not in ahead, "it greets by the time of day"
    assert list(assemble(configured(tmp_path), session="s").phrases_ahead()) == []


# simulated devices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", sorted(HEADSETS))
def test_the_simulated_headset_is_the_one_named(tmp_path: Path, model: str) -> None:
    base = SEAT.replace('id = "headset"', f'id = "headset"\nmodel = "{model}"')
    seat = assemble(configured(tmp_path, base=base), wall_s=DAY_S, session="s")

    async def script(_app: App) -> None:
        await passes(1)

    played = play(seat, script)
    assert seat.simulated.headsets[HEADSET].model.descriptor == HEADSETS[model].descriptor
    assert [device.device for device in played.shown[-1].devices] == [HEADSET]


def test_a_simulated_headset_speaks_another_descriptor(tmp_path: Path) -> None:
    (tmp_path / "d.bin").write_bytes(HEADSETS["polycom_cx300"].descriptor)
    base = SEAT.replace('id = "headset"', 'id = "headset"\ndescriptor = "d.bin"')
    seat = assemble(configured(tmp_path, base=base), session="s")
    assert seat.simulated.headsets[HEADSET].model.descriptor == HEADSETS["polycom_cx300"].descriptor


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected 1 to 4096 raw bytes"),
        (b"x" * 5000, "expected 1 to 4096"),
        (b"\x05\x0b\x09", "headset"),
    ],
)
def test_a_descriptor_that_is_none_is_the_operators_mistake(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "d.bin").write_bytes(content)
    base = SEAT.replace('id = "headset"', 'id = "headset"\ndescriptor = "d.bin"')
    with pytest.raises(ConfigError, match=words) as wrong:
        assemble(configured(tmp_path, base=base), session="s")
    assert "d.bin" in str(wrong.value)


@pytest.mark.parametrize(("after_s", "answered"), [("4", True), ("0", False)])
def test_a_simulated_line_answers_what_it_dialled(tmp_path: Path, after_s: str, answered: bool) -> None:
    base = SEAT.replace("answer_after_s = 0", f"answer_after_s = {after_s}")
    seat = assemble(configured(tmp_path, base=base), wall_s=DAY_S, session="s")
    states: list[CallState] = []

    async def script(app: App) -> None:
        await passes(1)
        app.post(CommandRequested(asyncio.get_running_loop().time(), "t", Dial("110"), Basis.APP, None))
        for pause_s in (3.5, 1.5):
            await passes(pause_s)
            states.extend(call.state for call in app.core.snapshot().calls)

    play(seat, script)
    assert states == [CallState.RINGBACK, CallState.CONNECTED if answered else CallState.RINGBACK]


def test_acts_on_a_seat_without_simulated_devices_are_refused(tmp_path: Path) -> None:
    base = '[[line]]\nid = "desk"\nbackend = "at"\nport = "/dev/null"\n[audio]\nbackend = "none"\n'
    seat = assemble(configured(tmp_path, base=base), records=False, journal=False)
    with pytest.raises(RequestError) as refused:
        asyncio.run(act(seat, "ring"))
    assert refused.value.kind == "not_supported"


def test_what_a_customer_still_had_to_say_is_not_for_the_next(tmp_path: Path) -> None:
    seat = assemble(configured(tmp_path), wall_s=DAY_S, session="s")
    sentence = str(ROOT / "tests/recordings/sentence_zh.wav")

    async def script(_app: App) -> None:
        await act(seat, "ring")
        await passes(1)
        await act(seat, "press", button="hook")
        await passes(1)
        assert float(str((await act(seat, "say", file=sentence))["seconds"])) > 1
        far = seat.simulated.audio[DESK].far
        now = asyncio.get_running_loop().time()
        assert far.speaking(now + 1)
        await act(seat, "hangup")
        assert not far.speaking(now + 1)

    play(seat, script)


# what was left behind, and what is wrong ------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed_in_h_ago", "agent"), [(1.0, "1007"), (9.4, "1007"), (9.6, None), (30.0, None), (-48.0, "1007")]
)
def test_an_agent_of_an_earlier_day_has_gone_home(
    tmp_path: Path, signed_in_h_ago: float, agent: str | None
) -> None:
    """It is 09:30 there: 9.4 h ago it was today, 9.6 h ago yesterday; a clock that went back says nothing."""
    config = configured(tmp_path)
    earlier = RecordStore(config.records_path, "s0", "b0")
    earlier.start()
    earlier.write(AgentRow(Stamp(1.0, DAY_S - signed_in_h_ago * 3600, True), "1007", "ready"))
    earlier.close()
    found: list[str | None] = []

    async def script(app: App) -> None:
        found.append(app.core.snapshot().agent.agent)

    play(assemble(config, wall_s=DAY_S, session="s1"), script)
    assert found == [agent]
    assert len(query_agents(config.records_path)) == (1 if agent is None else 3)


def test_without_a_wall_time_nothing_is_out_of_date(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "r.sqlite", "s0", "b0")
    store.start()
    store.write(AgentRow(Stamp(1.0), "1007", "ready"))
    store.close()
    later = RecordStore(tmp_path / "r.sqlite", "s1", "b0")
    later.start()
    told = later.load_open().event(1.0, now=CivilTimeKnown(1.0, "clock", DAY_S, 28800, True))
    later.close()
    assert told.agent == "1007"


def test_the_centres_own_phrases_are_over_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('[zh-CN."opening.inbound"]\nshow = "开场"\n', encoding="utf-8")
    config = configured(tmp_path)
    own = replace(config, prompts=replace(config.prompts, phrases=tmp_path / "p.toml"))
    assert load_phrasebook(own).phrase("zh-CN", "opening.inbound").show == "开场"
    assert load_phrasebook(own).digest() != load_phrasebook(config).digest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[zh-CN", "not valid TOML"),
        (b"\xff", "not UTF-8"),
        (b'[zh-CN."opening.inboud"]\nshow = "x"\n', "nearest"),
        (None, "cannot be read"),
    ],
)
def test_phrases_that_cannot_be_used_name_their_file(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "p.toml").write_bytes(content)
    base = SEAT.replace("speak = false\n", 'phrases = "p.toml"\n')
    with pytest.raises(ConfigError, match=words) as wrong:
        assemble(configured(tmp_path, base=base))
    assert "p.toml" in str(wrong.value)


def test_the_daemon_says_of_itself_what_it_runs_with(tmp_path: Path) -> None:
    seat = assemble(configured(tmp_path), session="s9")
    assert seat.about()["session"] == "s9"
    assert seat.about()["speaks"] is False
    assert seat.health() == {
        "records": {"written": 0, "queued": 0, "trouble": "", "notices": ()},
        "journal": {"written": 0, "dropped": 0, "trouble": ""},
        "headset_records": [],
    }


def test_what_the_site_knows_of_its_headsets_lies_over_what_is_shipped(tmp_path: Path) -> None:
    folder = tmp_path / "headsets.d"
    folder.mkdir()
    (folder / "ours.toml").write_text(
        'name = "our headset"\nvendor_id = "ffff"\nproduct_id = "0001"\n'
        '[evidence]\nname = "read from its label on the desk"\n',
        encoding="utf-8",
    )
    (folder / "wrong.toml").write_text('nmae = "x"\n', encoding="utf-8")
    seat = assemble(configured(tmp_path, '[headsets]\nrecords_dir = "headsets.d"\n'))
    found = seat.parts().hid.registry.find(0xFFFF, 1)
    assert found is not None
    assert found.name == "our headset"
    told = seat.health()["headset_records"]
    assert isinstance(told, list)
    assert any("wrong.toml" in problem for problem in told)


def test_headsets_are_taped_where_a_folder_is_named(tmp_path: Path) -> None:
    assert assemble(configured(tmp_path)).parts().tap is None
    assert "tape_lines_dropped" not in assemble(configured(tmp_path)).parts().health()
    seat = assemble(configured(tmp_path, '[tapes]\ndir = "tapes"\n'))

    async def script(app: App) -> None:
        assert app._health()["tape_lines_dropped"] == 0
        await act(seat, "ring", number="13800138000", name="Wang")
        await passes(1)
        await act(seat, "press", button="hook")
        await passes(1)

    play(seat, script)
    (tape,) = (tmp_path / "tapes").iterdir()
    entries = load_tape(tape)
    assert {entry.device for entry in entries} == {HEADSET}
    assert {entry.direction for entry in entries} == {"in", "out"}


def test_what_was_just_written_is_in_the_next_answer(tmp_path: Path) -> None:
    seat = assemble(configured(tmp_path), session="s1")
    assert seat.store is not None
    seat.store.start()
    queries = seat.queries(seat.store)
    for number in range(50):
        seat.store.write(AgentRow(Stamp(float(number)), "1007", f"state {number}"))
        newest: Any = queries["records.agents"]({"limit": 1})
        assert newest[0]["state"] == f"state {number}"
    seat.store.close()


# busy light ---------------------------------------------------------------------------------------------


def test_a_seat_without_a_busy_light_has_none(tmp_path: Path) -> None:
    parts = assemble(configured(tmp_path)).parts()
    assert "busy light" not in [service.name for service in parts.services]
    assert parts.on_snapshot == ()
    assert "busy_light" not in parts.health()


def test_the_busy_light_follows_a_call_and_is_dark_at_the_end(tmp_path: Path) -> None:
    seat = assemble(configured(tmp_path, '[busy_light]\nbackend = "simulated"\n'), wall_s=DAY_S)
    light = seat.simulated.busy_light
    shown: list[Colour] = []

    async def look() -> None:
        await passes(0.2)
        shown.append(light.colour)

    async def script(app: App) -> None:
        app.post(CommandRequested(asyncio.get_running_loop().time(), "t", SignIn("1007"), Basis.APP, None))
        await look()
        await act(seat, "ring", number="13800138000", name="Wang")
        await look()
        await act(seat, "press", button="hook")
        await passes(2)
        await look()
        await act(seat, "press", button="mute")
        await look()
        await act(seat, "hangup")
        await look()
        told = app._health()["busy_light"]
        assert isinstance(told, Mapping)
        assert (told["light"], told["shown"]) == (light.name, shown[-1])

    played = play(seat, script)
    assert shown == [Colour.ORANGE, Colour.BLUE, Colour.RED, Colour.YELLOW, Colour.ORANGE]
    assert light.colour is Colour.OFF
    assert played.shown, "whoever else watches the pictures still does"


def test_a_light_of_its_own_is_driven_by_its_own_thread(tmp_path: Path) -> None:
    seat = assemble(configured(tmp_path, '[busy_light]\nbackend = "library"\n'))
    keeper = seat.busy_light()
    assert keeper is not None
    assert isinstance(keeper._worker, ThreadWorker)
    assert keeper._find is find_busy_light
    keeper._worker.close()
