"""`callseat prompts`: the phrases as they would be shown and said.

May not play a sound: `prompts render --wav` writes a file one can listen to.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callseat.cli.options import ConfigOption, JsonFlag, print_json, subcommands
from callseat.cli.text import table
from state.errors import ConfigError

if TYPE_CHECKING:
    from callseat.config import Config
    from prompts.phrasebook import Phrasebook

prompts = subcommands("prompts", "The phrasebook: what is shown, said, and why.")

Language = Annotated[str | None, typer.Option(help="zh-CN or en; left out: the configured one.")]


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(prompts)


@prompts.command("list")
def _list(language: Language = None, config: ConfigOption = None, json: JsonFlag = False) -> None:
    """Every phrase of a language by its key; these keys name your own phrases and recordings."""
    _, book, spoken = _book(config, language)
    phrases = [book.phrase(spoken, key) for key in book.keys(spoken)]
    if json:
        listed = [
            {
                "key": each.key,
                "show": each.show,
                "say": [{"element": element, "text": text} for element, text in each.say],
                "why": each.why,
            }
            for each in phrases
        ]
        print_json({"language": spoken, "phrases": listed})
        return
    rows = [[each.key, each.show, "".join(text for _, text in each.say)] for each in phrases]
    typer.echo(table(("key", "shown", "said"), [[cell or "-" for cell in row] for row in rows]))


@prompts.command("render")
def _render(
    key: Annotated[str, typer.Argument(help="As `callseat prompts list` names it.")],
    language: Language = None,
    agent: Annotated[str | None, typer.Option(help="Staff number of the agent.")] = None,
    about: Annotated[str, typer.Option(metavar="CUSTOMER[:MATTER]", help="Whom is called, and why.")] = "",
    when: Annotated[str | None, typer.Option(help="As at 2026-02-17T09:30; left out: now.")] = None,
    wav: Annotated[Path | None, typer.Option(help="Also write what is said into this file.")] = None,
    config: ConfigOption = None,
    json: JsonFlag = False,
) -> None:
    """One phrase in full: greeting by time of day and holiday, centre, staff number."""
    from callseat.assembly import load_calendar
    from callseat.clock import SystemCivilClock
    from prompts.phrasebook import Context
    from state.words import Audience

    loaded, book, spoken = _book(config, language)
    civil = SystemCivilClock().read(0.0)
    if when is not None:
        civil = replace(civil, wall_s=_wall_s(when))
    customer, _, matter = about.partition(":")
    context = Context(
        spoken,
        loaded.seat.centre_name,
        agent,
        loaded.seat.say_staff_number,
        customer,
        matter,
        replace(civil, synced=True),
        load_calendar(civil.wall_s),
    )
    words = book.render(key, context)
    if wav is not None:
        _write(wav, loaded, words.key_for(Audience.LINE), words.say or words.show, spoken)
    if json:
        print_json({"key": key, "language": spoken, "show": words.show, "say": words.say, "why": words.why})
        return
    rows = (("shown", words.show), ("said", words.say), ("why", words.why))
    typer.echo("\n".join(f"{name:<6} {text}" for name, text in rows if text))


def _write(wav: Path, loaded: Config, phrase: str, text: str, language: str) -> None:
    from audio.speech import PROGRAM, SpeechRenderer
    from audio.wav import write_wav

    renderer = SpeechRenderer(loaded.prompts.cache_dir, loaded.prompts.recordings_dir)
    sound = renderer.render(phrase, text, language)
    if sound is None:
        raise ConfigError(f"nothing here can say this: install {PROGRAM}, or record {language}/{phrase}.wav")
    write_wav(wav, sound.samples, sound.rate)
    typer.echo(f"{wav}: {sound.duration_s:.1f} s", err=True)


def _book(config: Path | None, language: str | None) -> tuple[Config, Phrasebook, str]:
    """The configured phrasebook; without any configuration the shipped one."""
    from callseat.assembly import load_phrasebook
    from callseat.config import config_in_effect

    loaded = config_in_effect(config)
    book = load_phrasebook(loaded)
    return loaded, book, book.resolve(language or loaded.seat.language)


def _wall_s(text: str) -> float:
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        raise ConfigError(f"--when {text}: expected a date and time such as 2026-02-17T09:30") from None
