"""One seat put together from a Config: core, phrasebook, calendar, speech, records, journal, simulation, app.

The one place where the parts meet; used by `callseat run`, and made for the demo and for scenarios:

    seat = assemble(config, wall_s=setting.wall_s, session="s", journal=False, wav_dir=folder)
    # inside a running loop, virtual or real (an App belongs to one):
    app = seat.app(observers=[timeline], serve_socket=False, civil=StageClock(setting))
    await app.run(script)

`seat.simulated` is the far side of the simulated devices (a simulated line answers what it dialled by itself
after `answer_after_s`; 0: only when told), `seat.config.records_path` what was recorded. A mistake of the
operator (phrases, records, journal) is a ConfigError from `assemble` or from `app.run`.
May not decide anything.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from audio.speech import PROGRAM, SpeechRenderer
from callseat import __version__
from callseat.answers import Answer, answer_agents, answer_calls, answer_promises
from callseat.app import App
from callseat.bootid import boot_id
from callseat.clock import SystemCivilClock
from callseat.config import BusyLightBackend, Config, digest
from callseat.core import Core
from callseat.journal import Header, Journal
from callseat.ports import Observer
from callseat.records import RecordsLost, RecordsOverflow, RecordStore
from callseat.runtime.backends import live_hearings
from callseat.runtime.busy_light import BusyLightService
from callseat.runtime.farewell import FarewellFile, farewell_path
from callseat.runtime.headsets import HidSystem
from callseat.runtime.live_audio import LiveSound, live_sound
from callseat.runtime.parts import Parts, Query
from callseat.runtime.service import Service, threaded
from callseat.runtime.workers import InlineWorker, ThreadWorker
from callseat.simulated import SimulatedSeat
from callseat.simulated_acts import act_on
from callseat.site_records import SiteRecords, read_site_records
from devices.models import REGISTRY
from firmware_bridge.busy_light import find_busy_light
from firmware_bridge.tape import TapeFolder
from prompts.calendar import HolidayCalendar
from prompts.names import allowed
from prompts.phrasebook import Context, Phrasebook
from prompts.template import parse
from state.errors import ConfigError
from state.words import Audience

_log = logging.getLogger("callseat.assembly")

JOURNAL_STOP_S = 3.0
"""The journal itself gives its writer 2 s."""
TAPES_STOP_S = 3.0
"""The tapes themselves give their writer 2 s."""
FLUSH_S = 2.0
"""A commit takes milliseconds; a disk that takes longer answers with what it has."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of one seat; `config.seat.session` names this run in its records."""

    config: Config
    phrasebook: Phrasebook
    calendar: HolidayCalendar
    core: Core
    simulated: SimulatedSeat
    speech: SpeechRenderer | None
    store: RecordStore | None
    journal: Journal | None
    site: SiteRecords

    def app(self, *, observers: Sequence[Observer] = (), serve_socket: bool = True, **parts: Any) -> App:
        """The app of these parts, to be run once; call it inside its loop. `parts` are those of Parts."""
        watching = observers if self.journal is None else (self.journal, *observers)
        own = self.parts()
        shown = (*own.on_snapshot, *parts.pop("on_snapshot", ()))
        return App(
            self.config,
            self.core,
            observers=watching,
            simulated=self.simulated,
            parts=replace(own, serve_socket=serve_socket, on_snapshot=shown, **parts),
        )

    def parts(self) -> Parts:
        """What the app is given besides configuration and core."""
        farewell = FarewellFile(farewell_path(os.environ))
        tapes = None if self.config.tapes_dir is None else TapeFolder(self.config.tapes_dir)
        services = [Service("farewell", stop=partial(asyncio.to_thread, farewell.close))]
        if self.journal is not None:
            services.insert(0, threaded("journal", self.journal.start, self.journal.close, JOURNAL_STOP_S))
        if tapes is not None:
            stop = partial(asyncio.to_thread, tapes.close)
            services.append(Service("tapes", stop=stop, stop_timeout_s=TAPES_STOP_S))
        light = self.busy_light()
        if light is not None:
            services.append(light.service())
        sound = live_sound(self.config)
        if sound is not None:
            services.append(sound.service())
        return Parts(
            hid=HidSystem(registry=REGISTRY.overlaid(self.site.records)),
            farewell=farewell,
            tap=tapes,
            store=self.store,
            services=services,
            serve_socket=True,
            queries={} if self.store is None else self.queries(self.store),
            acts={"simulated.act": lambda params: act_on(self.simulated, params)},
            about=self.about(),
            health=partial(self.health, tapes, light, sound),
            hearings=None if sound is None else live_hearings(self.config, sound),
            on_snapshot=tuple(each.on_snapshot for each in (light, sound) if each is not None),
            speech=self.speech,
            phrases=tuple(self.phrases_ahead()),
        )

    def busy_light(self) -> BusyLightService | None:
        """Who keeps the busy light, where there is to be one; a simulated one needs no thread."""
        match self.config.busy_light:
            case BusyLightBackend.NONE:
                return None
            case BusyLightBackend.SIMULATED:
                return BusyLightService(self.simulated.busy_light.find, InlineWorker())
            case BusyLightBackend.LIBRARY:
                return BusyLightService(find_busy_light, ThreadWorker("busy-light"))

    def queries(self, store: RecordStore) -> Mapping[str, Query]:
        """The questions about records an app may ask; each opens the file read-only, in a thread."""
        answers = {
            "records.calls": answer_calls,
            "records.promises": answer_promises,
            "records.agents": answer_agents,
        }
        return {
            name: partial(_answer, store, answer, self.config.records_path)
            for name, answer in answers.items()
        }

    def about(self) -> Mapping[str, object]:
        """What `server.info` says of this run."""
        return {
            "version": __version__,
            "session": self.config.seat.session,
            "configuration": str(self.config.path),
            "records_file": None if self.store is None else str(self.config.records_path),
            "journal_file": None if self.journal is None else str(self.config.journal.path),
            "speaks": self.speech is not None and shutil.which(PROGRAM) is not None,
        }

    def health(
        self,
        tapes: TapeFolder | None = None,
        light: BusyLightService | None = None,
        sound: LiveSound | None = None,
    ) -> Mapping[str, object]:
        """What is wrong with files, busy light and sound cards, if anything, for `server.info`."""
        dropped = {} if tapes is None else {"tape_lines_dropped": tapes.dropped}
        lit = {} if light is None else {"busy_light": light.health()}
        return {
            **dropped,
            **lit,
            **({} if sound is None else {"sound": sound.health()}),
            "records": None if self.store is None else msgspec.to_builtins(self.store.status()),
            "journal": None if self.journal is None else msgspec.to_builtins(self.journal.status()),
            "headset_records": list(self.site.problems),
        }

    def phrases_ahead(self) -> Iterator[tuple[str, str, str]]:
        """Every (phrase, text, language) that can be rendered before its cue: no fact of a call is in it."""
        if self.speech is None:
            return
        seat = self.config.seat
        language = self.phrasebook.resolve(seat.language)
        context = Context(language, seat.centre_name, say_staff_number=seat.say_staff_number)
        for key in self.phrasebook.keys(language):
            phrase = self.phrasebook.phrase(language, key)
            said = {Audience.AGENT: [phrase.show], Audience.LINE: [text for _, text in phrase.say]}
            for audience, templates in said.items():
                names = frozenset[str]().union(*(parse(text, allowed(key)).names for text in templates))
                words = self.phrasebook.render(key, context)
                if words.text_for(audience) and names <= {"centre"}:
                    yield words.key_for(audience), words.text_for(audience), language


def assemble(
    config: Config,
    *,
    wall_s: float | None = None,
    session: str | None = None,
    records: bool = True,
    journal: bool = True,
    wav_dir: Path | None = None,
) -> Assembly:
    """Put a seat together; nothing is opened yet. `wall_s` None: the clock's; `session` None: a new one."""
    now_s = SystemCivilClock().read(0.0).wall_s
    session = session or new_session(boot_id(), now_s)
    config = replace(config, seat=replace(config.seat, session=session))
    phrasebook = load_phrasebook(config)
    phrasebook.resolve(config.seat.language)
    calendar = load_calendar(now_s if wall_s is None else wall_s)
    prompts = config.prompts
    header = Header(session, boot_id(), digest(config), phrasebook.digest(), __version__)
    return Assembly(
        config=config,
        phrasebook=phrasebook,
        calendar=calendar,
        core=Core(config.seat, phrasebook, calendar, prompts.speak),
        simulated=SimulatedSeat(config, wav_dir=wav_dir),
        speech=SpeechRenderer(prompts.cache_dir, prompts.recordings_dir) if prompts.speak else None,
        store=RecordStore(config.records_path, session, boot_id()) if records else None,
        journal=Journal(config.journal.path, config.journal.max_bytes, header) if journal else None,
        site=load_site_records(config),
    )


def new_session(boot: str, wall_s: float) -> str:
    """A name no other run has: which boot, and the millisecond of the start."""
    return f"{boot[:8]}-{round(wall_s * 1000):x}"


def load_calendar(wall_s: float) -> HolidayCalendar:
    """Holidays of this year and both beside it: a call at New Year must not wait for a table."""
    year = datetime.fromtimestamp(wall_s, UTC).year
    calendar = HolidayCalendar()
    calendar.load((year - 1, year, year + 1))
    return calendar


def load_phrasebook(config: Config) -> Phrasebook:
    """The shipped phrases, with the centre's own over them; a ConfigError names file, phrase and field."""
    path = config.prompts.phrases
    if path is None:
        return Phrasebook()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"[prompts] phrases: {path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"[prompts] phrases: {path}: not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"[prompts] phrases: {path}: not valid TOML: {error}") from None
    return Phrasebook().merge(tables, str(path))


def load_site_records(config: Config) -> SiteRecords:
    """What the site knows of its headsets; what cannot be used of it is said, and stops nothing."""
    if config.headset_records_dir is None:
        return SiteRecords()
    site = read_site_records(config.headset_records_dir)
    for problem in site.problems:
        _log.warning("%s", problem)
    return site


def _answer(
    store: RecordStore,
    answer: Callable[[Path, Mapping[str, object]], Answer],
    path: Path,
    params: Mapping[str, object],
) -> Answer:
    """What is told to everybody is on record for whoever asks next, unless the disk hangs."""
    with suppress(TimeoutError, RecordsLost, RecordsOverflow):
        store.flush().result(FLUSH_S)
    return answer(path, params)
