"""The live picture of the demo in a terminal: timeline, lamps, display, cue and levels.

May not change anything: it draws a View.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.text import Text

from callseat.demo.view import Line, View
from callseat.demo.words import WHO, label
from prompts.display import columns
from state.commands import Lamps
from state.snapshot import CueView
from state.words import Channel

LAMPS = (
    ("off_hook", "green"),
    ("ring", "yellow"),
    ("mute", "red"),
    ("hold", "blue"),
    ("microphone", "green"),
)
FLOOR_DBFS, TOP_DBFS = -80.0, -10.0
BAR, SHORT_BAR = 24, 14
SIDE = 46
"""The lamps stand in one row."""
DISPLAY_ROWS = 6
HEADER_ROWS = 6
WHO_COLUMNS = 9
TALL = 32
"""In fewer rows the display gives way to the cue, which says the same."""
WIDE = 96
"""In fewer columns the timeline stands above the rest: beside it, no line of it could be read."""
LEVELS_ROWS, CUE_ROWS = 4, 8


def draw(view: View, width: int, height: int) -> RenderableType:
    """The whole screen."""
    layout = Layout()
    if width < WIDE:
        rows = height - HEADER_ROWS - LEVELS_ROWS - CUE_ROWS
        small = Layout(size=LEVELS_ROWS)
        small.split_row(Layout(_lamps(view), size=SIDE), Layout(_levels(view, SHORT_BAR)))
        layout.split_column(
            Layout(_header(view), size=HEADER_ROWS),
            Layout(_timeline(view, rows - 2)),
            small,
            Layout(_cue(view), size=CUE_ROWS),
        )
        return layout
    layout.split_column(Layout(_header(view), size=HEADER_ROWS), Layout(name="body"))
    panels = [_lamps(view), _levels(view, BAR), _cue(view)]
    if height >= TALL:
        panels.insert(2, _display(view))
    side = Layout(Group(*panels), size=SIDE)
    layout["body"].split_row(Layout(_timeline(view, height - HEADER_ROWS - 2)), side)
    return layout


def line_text(line: Line, language: str) -> Text:
    """One line of the timeline; a Chinese seat's has the English beside it."""
    said = line.said
    zh, en = WHO[said.who]
    who = en if language == "en" else zh
    text = Text(no_wrap=True, overflow="ellipsis").append(f"{line.at:7.2f}  ", style="dim")
    text.append(who + " " * max(1, WHO_COLUMNS - columns(who)), style="blue")
    if language == "en":
        return text.append(said.en, style=said.style or "default")
    return text.append(said.zh, style=said.style or "default").append(f"  {said.beside}", style="dim")


def second_terminal(view: View) -> Text:
    """The exact lines for a second terminal."""
    text = Text(f"{label('second', view.language)}:\n", style="dim")
    for verb in ("watch", "answer"):
        text.append(f"  {view.command.format(verb=verb)}", style="bold").append(
            f"   # {label(verb, view.language)}\n", style="dim"
        )
    return text


def _header(view: View) -> Panel:
    text = second_terminal(view)
    text.rstrip()
    if view.number:
        which = label("call", view.language, n=view.number, of=len(view.titles))
        text = Text(f"{which}: {view.titles[view.number - 1]}\n", style="bold", no_wrap=True).append(text)
    title = f"callseat · {label('title', view.language)} · {max(0.0, view.timeline.at - view.origin):5.1f} s"
    return Panel(text, title=title + (f" · x{view.speed:g}" if view.speed != 1 else ""), title_align="left")


def _timeline(view: View, rows: int) -> Panel:
    shown = [line_text(line, view.language) for line in view.lines[-max(1, rows) :]]
    return Panel(Group(*shown), title=label("timeline", view.language), title_align="left")


def _lamps(view: View) -> Panel:
    lamps = view.lamps() or Lamps()
    text = Text()
    for name, colour in LAMPS:
        lit = getattr(lamps, name)
        text.append("● " if lit else "○ ", style=f"bold {colour}" if lit else "dim")
        zh_or_en = label(name, view.language).split(" ")[0]
        text.append(f"{zh_or_en}  ", style="bold" if lit else "dim")
    return Panel(text, title=label("lamps", view.language), title_align="left")


def _display(view: View) -> Panel:
    lines = view.snapshot.display if view.snapshot is not None else ()
    shown = [*lines, *[""] * (DISPLAY_ROWS - len(lines))][:DISPLAY_ROWS]
    text = Text("\n".join(shown), style="black on green")
    return Panel(text, title=label("display", view.language), title_align="left", style="black on green")


def _levels(view: View, bar: int) -> Panel:
    text = Text()
    for channel in Channel:
        level = view.level(channel)
        text.append(_padded(label(channel.value, view.language).split(" ")[0], 10))
        if level is None:
            text.append("·" * bar + "\n", style="dim")
            continue
        share = (max(FLOOR_DBFS, level) - FLOOR_DBFS) / (TOP_DBFS - FLOOR_DBFS)
        filled = min(bar, round(share * bar))
        text.append("█" * filled, style="green" if level > FLOOR_DBFS + 35 else "cyan")
        text.append("·" * (bar - filled), style="dim").append(f" {level:4.0f}\n")
    text.rstrip()
    return Panel(text, title=label("levels", view.language), title_align="left")


def _cue(view: View) -> Panel:
    cue = view.snapshot.cue if view.snapshot is not None else None
    body = Text(label("none", view.language), style="dim") if cue is None else _told(cue, view.language)
    return Panel(body, title=label("cue", view.language), title_align="left")


def _told(cue: CueView, language: str) -> Text:
    text = Text(cue.text, style="bold cyan")
    if cue.say:
        text.append(f"\n{label('say', language)}: ", style="dim").append(cue.say, style="default")
    if cue.why:
        text.append(f"\n{label('why', language)}: ", style="dim").append(cue.why, style="magenta")
    return text


def _padded(text: str, width: int) -> str:
    return text + " " * max(1, width - columns(text))
