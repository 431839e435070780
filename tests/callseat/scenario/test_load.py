"""A scenario file is read strictly: every mistake one clear message with file and line."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from audio.wav import write_wav
from callseat.scenario.load import load_scenario
from callseat.scenario.model import AppAsks, Background, FarHangsUp, MutePhone, PressHook, RingIn, Says
from state.commands import Dial
from state.errors import ConfigError
from state.words import Channel, SilentCallMode

TITLE = 'title = "x"\n'


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    noise = np.full(8000, 100, np.int16)
    write_wav(tmp_path / "far.wav", noise, 8000)
    write_wav(tmp_path / "near.wav", noise, 16000)
    write_wav(tmp_path / "empty.wav", noise[:0], 8000)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    return path


WHOLE = """
title = "everything"
about = "for readers"

[clock]
wall = 2026-03-04T09:30:00+08:00
synced = false

[start]
agent = "8001"
ready = false
unplugged = ["head", "b"]
raw_while_muted = true

[sound]
near = "zeros"
far = "far.wav"
far_dbfs = -50

[silent_call]
mode = "auto"

[[line]]
id = "a"

[[line]]
id = "b"

[[headset]]
id = "head"

[[step]]
do = "ring_in"
id = "first"
at = 1
line = "b"

[[step]]
do = "press_hook"
after = "step:first"
nth = 2
delay_s = 0.5
to = "on_hook"

[[step]]
do = "customer_says"
file = "far.wav"
from_s = 0.25
to_s = 0.75

[[step]]
do = "app"
method = "call.dial"
params = { number = "10086", line = "b" }

[[expect]]
mark = "cue:opening"
after = "call.established"
in_s = 2
holds = { repeat = 0 }

[[record]]
number = "10086"

[end]
settle_s = 2
never = ["call.failed"]
promises = 1
lamps = { ring = false }
"""


def test_everything_arrives(folder: Path) -> None:
    scenario = load_scenario(write(folder, WHOLE))
    assert scenario.title == "everything"
    assert (scenario.clock.wall_s, scenario.clock.utc_offset_s, scenario.clock.synced) == (
        1772587800,
        28800,
        False,
    )
    assert scenario.start.unplugged == ("head", "b")
    assert (scenario.start.agent, scenario.start.ready, scenario.start.raw_while_muted) == (
        "8001",
        False,
        True,
    )
    near, far = scenario.sounds
    assert near == Background(Channel.NEAR, None)
    assert far.clip is not None
    assert (far.clip.duration_s, far.level_dbfs) == (1.0, -50)
    assert scenario.config.seat.silent_call.mode is SilentCallMode.AUTO
    assert [line.id for line in scenario.config.lines] == ["a", "b"]
    ring, hook, says, app = scenario.steps
    assert (ring.name, ring.action, ring.moment.at) == ("first", RingIn("b"), 1.0)
    assert hook.action == PressHook("head", "on_hook")
    assert (hook.moment.after, hook.moment.nth, hook.moment.delay_s) == ("step:first", 2, 0.5)
    assert isinstance(says.action, Says)
    assert (says.action.clip.duration_s, says.action.line, says.name) == (0.5, "a", "3")
    assert app.action == AppAsks("call.dial", Dial("10086", "b"))
    (expected,) = scenario.expected
    assert (expected.mark, expected.in_s, expected.tolerance_s, expected.holds) == (
        "cue:opening",
        2.0,
        0.02,
        {"repeat": 0},
    )
    assert scenario.records == ({"number": "10086"},)
    assert (scenario.end.settle_s, scenario.end.never, scenario.end.promises) == (2.0, ("call.failed",), 1)


def test_a_line_and_a_headset_are_there_by_themselves(folder: Path) -> None:
    scenario = load_scenario(write(folder, TITLE + '[[step]]\ndo = "far_hangs_up"'))
    assert scenario.steps[0].action == FarHangsUp("desk")
    assert [headset.id for headset in scenario.config.headsets] == ["headset"]
    assert scenario.records is None
    assert scenario.clock.synced


def test_a_background_can_be_dead_stuck_or_a_recording(folder: Path) -> None:
    steps = "".join(
        f"[[step]]\ndo = 'near_goes'\nfile = '{name}'\n" for name in ("zeros", "frozen", "near.wav")
    )
    zeros, frozen, noise = (step.action for step in load_scenario(write(folder, TITLE + steps)).steps)
    assert isinstance(zeros, Background)
    assert zeros.clip is None
    assert isinstance(frozen, Background)
    assert frozen.clip is not None
    assert set(frozen.clip.samples.tolist()) == {37}
    assert isinstance(noise, Background)
    assert noise.clip is not None
    assert noise.clip.duration_s == 0.5


def test_a_phone_is_muted_by_hand(folder: Path) -> None:
    text = TITLE + "[[step]]\ndo = 'phone_mute'\nmuted = true\n"
    assert load_scenario(write(folder, text)).steps[0].action == MutePhone("desk", True)


STEP = '[[step]]\ndo = "agent_says"\n'
MISTAKES = [
    ("", ": title: is missing"),
    ('title = 1\n[[step]]\ndo = "boom"\nup = true', ":1: title: must be a text, not 1"),
    (TITLE + "[steps]", ":2: [steps]: unknown, did you mean step?"),
    (TITLE + "[step]\n", ":2: [[step]]: write [[step]], one for each"),
    (TITLE + "[[end]]\n", ":2: [end]: must be one table [end]"),
    (TITLE + "step = [1]", ":2: [[step]] number 1: must be a table"),
    (TITLE + "[seat]\nlanguag = 'en'", ":3: [seat] languag: unknown, did you mean language?"),
    (TITLE + "[[step]]\nat = 1", ":2: [[step]] number 1 do: is missing"),
    (TITLE + "[[step]]\ndo = 'ring'", ":3: [[step]] number 1 do: no action ring, did you mean ring_in?"),
    (
        TITLE + "[[step]]\ndo = 'ring_in'\nnumbr = '1'",
        ":4: [[step]] number 1 numbr: unknown, did you mean number?",
    ),
    (TITLE + "[[step]]\ndo = 'ring_in'\nnumber = 1", "number: must be a text, not 1"),
    (
        TITLE + "[[step]]\ndo = 'ring_in'\nline = 'dusk'",
        ":4: [[step]] number 1 line: no line dusk, did you mean desk?",
    ),
    (TITLE + "[[step]]\ndo = 'press_mute'\nheadset = 'head'", "no headset head, did you mean headset?"),
    (TITLE + "[[step]]\ndo = 'unplug'\ndevice = 'q'", "no device q; known are desk, headset"),
    (TITLE + "[[step]]\ndo = 'boom'", "[[step]] number 1 up: is missing"),
    (TITLE + "[[step]]\ndo = 'press'\nbutton = 'flush'", '"flush" is none of its words, did you mean flash?'),
    (
        TITLE + "[[step]]\ndo = 'press_hook'\nat = 1\nafter = 'start'",
        "after: and at: a step has one moment, not two",
    ),
    (TITLE + "[[step]]\ndo = 'press_hook'\nat = -1", "at: must be 0 or more, not -1"),
    (TITLE + "[[step]]\ndo = 'press_hook'\nnth = 0", "nth: must be 1 or more, not 0"),
    (TITLE + "[[step]]\ndo = 'press_hook'\nnth = true", "nth: must be a whole number, not True"),
    (TITLE + "[[step]]\ndo = 'press_hook'\nafter = 'call.answered'", "no mark call.answered, did you mean "),
    (TITLE + "[[step]]\ndo = 'press_hook'\nafter = 'cue:openin'", "no cue openin, did you mean opening?"),
    (TITLE + "[[step]]\ndo = 'press_hook'\nafter = 'queue:x'", "no mark queue:, did you mean cue?"),
    (TITLE + "[[step]]\ndo = 'press_hook'\nafter = 'step:x'", "no step x"),
    (TITLE + "[[step]]\ndo = 'press_hook'\nafter = 'event:AudioEvent'", "no event AudioEvent"),
    (TITLE + "[[step]]\ndo = 'app'\nmethod = 'call.anser'", "did you mean call.answer?"),
    (TITLE + "[[step]]\ndo = 'app'\nmethod = 'state.get'", "method: state.get asks for nothing that happens"),
    (TITLE + "[[step]]\ndo = 'app'\nmethod = 'call.dial'\nparams = { nummer = '1' }", "did you mean number?"),
    (TITLE + STEP + "file = 'none.wav'", "none.wav: no such file; expected a 16-bit mono PCM WAV file"),
    (TITLE + STEP + "file = 'far.wav'", ":4: [[step]] number 1 file: "),
    (TITLE + STEP + "file = 'far.wav'", "far.wav: sample rate is 8000 Hz; expected 16000 Hz"),
    (
        TITLE + STEP + "file = 'near.wav'\nfrom_s = 0.4\nto_s = 0.2",
        "from_s: 0.4 to 0.2 s is no part of the recording",
    ),
    (
        TITLE + STEP + "file = 'near.wav'\nto_s = 9",
        "0 to 9 s is no part of the recording: near.wav has 0.50 s",
    ),
    (TITLE + "[sound]\nfar = 'empty.wav'", ":3: [sound] far: "),
    (TITLE + "[sound]\nfar = 'empty.wav'", "empty.wav: has no samples (zero length)"),
    (TITLE + "[clock]\nwall = 'noon'", '"noon" is no date and time such as 2026-03-04T09:30:00+08:00'),
    (TITLE + "[clock]\nwall = 2026-03-04T09:30:00", "wall: needs its UTC offset"),
    (TITLE + "[clock]\nwall = 9", ":3: [clock] wall: must be a date and time with UTC offset, not 9"),
    (TITLE + "[start]\nunplugged = ['hed']", "unplugged: no headset or line hed, did you mean headset?"),
    (TITLE + "[start]\nunplugged = 'hed'", "unplugged: must be a list of ids of headsets or lines"),
    (TITLE + "[[expect]]\nafter = 'start'", "[[expect]] number 1 mark: is missing"),
    (TITLE + "[[expect]]\nmark = 'start'\nin_s = 1\nwithin_s = 1", "within_s: and in_s: one of them"),
    (TITLE + "[[expect]]\nmark = 'start'\nafter = 'start'", "after: says nothing without in_s or within_s"),
    (
        TITLE + "[[record]]\nnumbr = 1",
        "[[record]] number 1 numbr: no field of a call row numbr, did you mean number?",
    ),
    (TITLE + "[end]\nnever = ['x']", "never: no mark x"),
    (TITLE + "[end]\nlamps = { rings = true }", "lamps: no lamp rings, did you mean ring?"),
    (TITLE + "[end]\nlamps = { ring = 1 }", "lamps: ring is true or false"),
    (TITLE + "[[line]]\nid = 'a'\n[[line]]\nid = 'a'", '"a" is already the id of [[line]] number 1'),
    ("title = ", "not valid TOML"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_is_one_clear_sentence(folder: Path, text: str, message: str) -> None:
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_mistakes_are_counted(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"title: is missing \(and 2 more\)$"):
        load_scenario(write(folder, "[[step]]\n[[step]]"))


def test_a_missing_file_is_told_without_a_recipe_for_a_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: no such file$"):
        load_scenario(tmp_path / "none.toml")


def test_stereo_is_refused(folder: Path) -> None:
    with wave.open(str(folder / "two.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(400))
    with pytest.raises(ConfigError, match=r"two\.wav: has 2 channels; expected 1"):
        load_scenario(write(folder, TITLE + '[sound]\nfar = "two.wav"'))
