"""From a scenario file to a Scenario: strict, and every mistake one clear ConfigError with file and line.

May not run anything; the tables of callseat.toml are judged by the configuration's own code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from callseat.config import Config, HeadsetConfig, LineConfig, places
from callseat.config.document import Document, read_document
from callseat.config.load import build, judge
from callseat.config.values import nearest
from callseat.scenario.actions import MAKERS, Cast
from callseat.scenario.checking import Place, Values, checked, one_of, tables_of
from callseat.scenario.marks import START, unknown_mark
from callseat.scenario.model import (
    Background,
    ClockSetting,
    End,
    Expectation,
    Moment,
    Scenario,
    Start,
    Step,
)
from callseat.scenario.options import ACTS, CLOCK, END, EXPECT, RECORD, SECTIONS, SOUND, STEP, TOP
from callseat.scenario.options import START as START_SECTION
from state.commands import Lamps
from state.errors import ConfigError
from state.ids import DeviceId, LineId
from state.rows import CallRow
from state.words import Channel

DEFAULT_LINE = LineId("desk")
DEFAULT_HEADSET = DeviceId("headset")
DEFAULT_WALL = "2026-03-04T09:30:00+08:00"
"""A Wednesday morning that is no holiday."""
FOREIGN = (*(key.name for key in TOP), *(section.name for section in SECTIONS))


def load_scenario(path: Path) -> Scenario:
    """The scenario in `path`; a ConfigError names the first problem and how many more there are."""
    try:
        document = read_document(path, FOREIGN)
    except ConfigError as error:
        raise ConfigError(str(error).partition("; make one with")[0]) from None
    judge(document)
    _refuse(document)
    config = _with_defaults(build(document, places()))
    scenario = _Reader(document, config).scenario()
    _refuse(document)
    return scenario


def _refuse(document: Document) -> None:
    if document.problems:
        first, *more = document.problems
        raise ConfigError(first + (f" (and {len(more)} more)" if more else ""))


def _with_defaults(config: Config) -> Config:
    """A scenario that names no line or headset has one of each; whatever is plugged in is left alone."""
    return replace(
        config,
        adopt_headsets=False,
        lines=config.lines or (LineConfig(DEFAULT_LINE),),
        headsets=config.headsets or (HeadsetConfig(DEFAULT_HEADSET),),
    )


class _Reader:
    """Reads the tables of one document; problems are collected in it."""

    def __init__(self, document: Document, config: Config) -> None:
        self._document = document
        self._config = config
        self._cast = Cast(config, document.path.absolute().parent)
        self._step_names: frozenset[str] = frozenset()

    def scenario(self) -> Scenario:
        """The whole scenario; not to be used where the document has problems."""
        top = checked(
            Place(self._document, "", ""),
            {key.name: self._document.foreign[key.name] for key in TOP if key.name in self._document.foreign},
            TOP,
        )
        raw_steps = tables_of(self._document, STEP.name, many=True)
        self._step_names = frozenset(str(table["id"]) for _, table in raw_steps if "id" in table)
        return Scenario(
            path=self._document.path,
            title=str(top.get("title", "")),
            config=self._config,
            clock=self._clock(),
            start=self._start(),
            sounds=self._sounds(),
            steps=tuple(filter(None, (self._step(place, table) for place, table in raw_steps))),
            expected=tuple(
                self._expectation(place, checked(place, table, EXPECT.keys))
                for place, table in tables_of(self._document, EXPECT.name, many=True)
            ),
            records=self._records(),
            end=self._end(),
        )

    def _one(self, name: str, keys: Any) -> tuple[Place, Values]:
        tables = tables_of(self._document, name, many=False)
        if not tables:
            return Place(self._document, f"[{name}]", f"{name}.0"), {}
        place, table = tables[0]
        return place, checked(place, table, keys)

    def _clock(self) -> ClockSetting:
        place, values = self._one(CLOCK.name, CLOCK.keys)
        wall = values.get("wall", DEFAULT_WALL)
        try:
            moment = wall if isinstance(wall, datetime) else datetime.fromisoformat(str(wall))
        except ValueError:
            moment = datetime.fromisoformat(DEFAULT_WALL)
            place.report("wall", f'"{wall}" is no date and time such as {DEFAULT_WALL}')
        offset = moment.utcoffset()
        if offset is None:
            place.report("wall", f"needs its UTC offset, such as {DEFAULT_WALL}")
            return ClockSetting(0.0, 0)
        return ClockSetting(moment.timestamp(), int(offset.total_seconds()), bool(values.get("synced", True)))

    def _start(self) -> Start:
        place, values = self._one(START_SECTION.name, START_SECTION.keys)
        unplugged = _texts(values.pop("unplugged", ()))
        for name in unplugged:
            self._report(place, "unplugged", one_of(self._cast.plugs, "headset or line")(name))
        return msgspec.convert(values | {"unplugged": unplugged}, Start)

    def _sounds(self) -> tuple[Background, ...]:
        place, values = self._one(SOUND.name, SOUND.keys)
        sounds = []
        for channel in Channel:
            if channel.value in values:
                level = values.get(f"{channel.value}_dbfs")
                made = self._made(
                    place,
                    f"{channel.value}_goes",
                    {"file": values[channel.value]} | ({} if level is None else {"level_dbfs": level}),
                    channel.value,
                )
                if isinstance(made, Background):
                    sounds.append(made)
        return tuple(sounds)

    def _step(self, place: Place, table: Mapping[str, object]) -> Step | None:
        do = table.get("do")
        act = ACTS.get(do) if isinstance(do, str) else None
        if act is None:
            wrong = "is missing" if do is None else f"no action {do}{nearest(str(do), ACTS)}"
            place.report("do", wrong)
            return None
        problems = len(self._document.problems)
        values = checked(place, table, (*STEP.keys, *act.keys))
        if "at" in values and "after" in values:
            place.report("after", "and at: a step has one moment, not two")
        if "after" in values:
            self._mark(place, "after", values["after"])
        if len(self._document.problems) > problems:
            return None
        own = {key.name for key in act.keys}
        action = self._made(place, str(do), {k: v for k, v in values.items() if k in own})
        moment = msgspec.convert({k: v for k, v in values.items() if k not in own}, Moment)
        name = str(values.get("id", place.title.removeprefix("[[step]] number ")))
        return None if action is None else Step(name, action, moment)

    def _made(self, place: Place, do: str, values: Values, key: str = "") -> Any:
        """The action, or None and a report where a file or a name it needs is not there."""
        try:
            return MAKERS[do](self._cast, values)
        except ConfigError as error:
            name, _, text = str(error).partition(": ")
            place.report(key or name, text)
            return None

    def _mark(self, place: Place, key: str, mark: object) -> str:
        self._report(place, key, unknown_mark(str(mark), self._step_names))
        return str(mark)

    def _report(self, place: Place, key: str, wrong: str | None) -> None:
        if wrong is not None:
            place.report(key, wrong)

    def _expectation(self, place: Place, values: Values) -> Expectation:
        for key in ("mark", "after"):
            if key in values:
                self._mark(place, key, values[key])
        if "in_s" in values and "within_s" in values:
            place.report("within_s", "and in_s: one of them")
        if "after" in values and not {"in_s", "within_s"} & values.keys():
            place.report("after", "says nothing without in_s or within_s")
        return msgspec.convert({"mark": START, **values}, Expectation)

    def _records(self) -> tuple[Mapping[str, object], ...] | None:
        if RECORD.name not in self._document.foreign:
            return None
        known = [each.name for each in fields(CallRow)]
        rows = []
        for place, table in tables_of(self._document, RECORD.name, many=True):
            for name in table:
                self._report(place, name, one_of(known, "field of a call row")(name))
            rows.append(table)
        return tuple(rows)

    def _end(self) -> End:
        place, values = self._one(END.name, END.keys)
        never = _texts(values.pop("never", ()))
        lamps = values.pop("lamps", None)
        wanted: dict[str, bool] = {}
        for mark in never:
            self._mark(place, "never", mark)
        for name, lit in lamps.items() if isinstance(lamps, dict) else ():
            self._report(place, "lamps", one_of([each.name for each in fields(Lamps)], "lamp")(name))
            if isinstance(lit, bool):
                wanted[name] = lit
            else:
                place.report("lamps", f"{name} is true or false")
        return msgspec.convert(values | {"never": never, "lamps": wanted}, End)


def _texts(value: object) -> tuple[str, ...]:
    """A checked list of texts."""
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
