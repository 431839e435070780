"""docs/scenarios.md, made from the tables of options, actions and marks.

May not read or write a file: whoever calls it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callseat.scenario.marks import PREFIXES, START, TOPIC_MARKS
from callseat.scenario.options import ACTS, SECTIONS, TOP, Key, Section

HEAD = """\
# Scenarios

A scenario is a call, or several, as a TOML file: what is heard, what people and devices do and when, and what
must come of it. `callseat simulate FILE.toml...` plays each one in virtual time through the real daemon: the
same engines, listener, core, executor and records serve it as serve a headset and a desk phone; only the
socket is left out, and the records are thrown away. Every file gives one line, or with `--json` one object
`{scenario, title, passed, findings, timeline, records, counters}`. Two runs give the same timeline. The exit
status is 0 when all was as expected, 1 when something was not, 2 when a file cannot be used.

The demo's calls are scenarios too: `tests/scenarios/demo`. A small one:

```toml
title = "The customer does not speak: the opening is cued, and hanging up at once is held back"

[sound]
far = "../recordings/silent_line.wav"      # paths are relative to this file

[[step]]
do = "ring_in"
at = 0.5
number = "13800138000"

[[step]]
do = "press_hook"
after = "call.delivered"
delay_s = 2.0
to = "off_hook"

[[step]]
do = "press_hook"
after = "cue:opening"
delay_s = 1.0
to = "on_hook"

[[expect]]
mark = "cue:opening"
after = "call.established"
in_s = 2.0

[[expect]]
mark = "call.hang_up_held"

[end]
never = ["call.cleared"]
```

Besides its own tables a scenario may have every table of `callseat.toml` (docs/configuration.md): `[seat]`,
`[silent_call]`, `[[line]]`, `[[headset]]`, `[audio]`, `[prompts]` and so on, judged by the same code. Without
them there is one simulated line `desk` and one simulated headset `headset`. Prompts make no sound but for
recordings in `prompts.recordings_dir`, so a result does not depend on an installed voice; a prompt that makes
no sound takes as long as reading it.

Unknown keys, names and marks are errors that name the nearest valid one; so are a missing file, and a WAV
file that is not 16-bit mono PCM at the rate of its channel (`audio.near_rate_hz`, `audio.far_rate_hz`) or
that has no samples.
"""

MARKS = """\
## Marks

A mark names something that happens. Its time is when it truly happened where that is known late (`began_at`,
`ended_at`), else when it was decided; so 5 s after `silent_call.utterance` counts from the utterance's last
sound. Besides these, `step:ID` is a step of this file, `{start}` the beginning.

| mark | comes when | names |
|---|---|---|
"""


def reference() -> str:
    """The whole page."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield from (HEAD, "## Tables\n\nAt the top of the file:\n", _table(TOP))
    yield from (_section(section) for section in SECTIONS)
    yield "## Actions\n\nThe keys of a `[[step]]` besides its moment.\n"
    for name, act in ACTS.items():
        yield f"### {name}\n\n{act.doc}\n" + (f"\n{_table(act.keys)}" if act.keys else "")
    yield MARKS.format(start=START) + "".join(_marks())


def _section(section: Section) -> str:
    title = f"[[{section.name}]]" if section.many else f"[{section.name}]"
    body = f"### {title}\n\n{section.doc}\n"
    return body if section.free else f"{body}\n{_table(section.keys)}"


def _table(keys: Iterable[Key]) -> str:
    rows = ["| key | takes | meaning |", "|---|---|---|"]
    for key in keys:
        takes = " ".join(f"`{choice}`" for choice in key.choices) or key.kind.value
        needed = "**required.** " if key.required else ""
        rows.append(f"| `{key.name}` | {takes} | {needed}{key.doc} |")
    return "\n".join(rows) + "\n"


def _marks() -> Iterator[str]:
    yield f"| a topic of docs/api.md | the seat publishes it | {_names(TOPIC_MARKS)} |\n"
    for prefix, (names, meaning) in PREFIXES.items():
        yield f"| `{prefix}:NAME` | {meaning} | {_names(names)} |\n"


def _names(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in sorted(names))
