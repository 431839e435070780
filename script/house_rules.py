"""The measurable house rules: sizes, clocks, silenced checks, sleeps, tests, broad excepts, addresses.

May not need anything but the standard library, and changes nothing. `house_rules.py [ROOT]` prints one line
`file:line: rule: message` per breach and ends with 1 if there is any.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import statistics
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

ROOMS = ("state", "devices", "prompts", "audio", "firmware_bridge", "callseat")
PURE_ROOMS = ("state", "devices", "prompts")
PURE = (*(f"{room}/*" for room in PURE_ROOMS), "callseat/core*", "callseat/api/codec*", "audio/analysis*")

FILE_MEDIAN = 200
FILE_MAX = 500
FUNCTION_P95 = 50
FUNCTION_MAX = 80
TEST_SHARE = 1.2

# Records of devices and phrases grow with what they list, not with what they do.
DATA_RECORDS = ("devices/models/*", "prompts/phrases_*")

# The clock itself, and the edges: a byte, a block or a request gets its time where it arrives.
CLOCK_FILES: dict[str, str] = {
    "callseat/clock.py": "the clock",
    "callseat/loops.py": "the event loops, whose time the clock hands out",
    "audio/live/child.py": "edge: stamps the callbacks of a sound card",
    "firmware_bridge/writer.py": "when a device had what was written to it",
    "firmware_bridge/simulated.py": "edge: stamps what a simulated device sends",
}

# A fault of anything below must end in a restart or an answer here, and nowhere else.
BROAD_EXCEPT_FILES: dict[str, str] = {
    "callseat/supervisor.py": "the supervisor",
    "callseat/api/server.py": "the socket's edge",
}

VIRTUAL_TIME = "tests/virtual.py"

CLOCK_CALLS = {
    "time": {
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
        "localtime", "gmtime", "clock_gettime", "clock_gettime_ns",
    },
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}  # fmt: skip

NOISE = {".git", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "dist"}


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """One broken rule at one place."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One Python file, parsed once."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]

    @property
    def length(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def code_lines(self) -> int:
        """Lines that are neither blank nor only a comment."""
        lines = (line.strip() for line in self.text.splitlines())
        return sum(1 for line in lines if line and not line.startswith("#"))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def within(self, *patterns: str) -> bool:
        return any(fnmatch(self.path, pattern) for pattern in patterns)

    @property
    def in_rooms(self) -> bool:
        return self.path.split("/")[0] in ROOMS

    @property
    def in_tests(self) -> bool:
        return self.path.startswith("tests/")


@dataclass(frozen=True)
class House:
    """The files that would be published: what git tracks or would add; without git, what is there."""

    root: Path

    @cached_property
    def paths(self) -> list[str]:
        listing = None
        if (self.root / ".git").exists() and shutil.which("git"):
            listing = subprocess.run(
                ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                capture_output=True,
                check=False,
            )
        if listing is not None and listing.returncode == 0:
            names = {name for name in listing.stdout.decode().split("\0") if name}
        else:
            names = {str(path.relative_to(self.root)) for path in self.root.rglob("*")}
        kept = (name for name in names if not NOISE & set(name.split("/")))
        return sorted(name for name in kept if (self.root / name).is_file())

    def text(self, path: str) -> str | None:
        """The file as text, or None where it is not UTF-8 text."""
        data = (self.root / path).read_bytes()
        if b"\0" in data:
            return None
        try:
            return data.decode()
        except UnicodeDecodeError:
            return None

    @cached_property
    def sources(self) -> list[Source]:
        return [Source(path, self.text(path) or "") for path in self.paths if path.endswith(".py")]

    @property
    def rooms(self) -> list[Source]:
        return [source for source in self.sources if source.in_rooms]


def span(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, decorators not counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def percentile_95(values: list[int]) -> int:
    """The value at or below which 95 % of the values lie."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)] if values else 0


def check_file_length(house: House) -> Iterator[Breach]:
    """No file and no typical file is too long to read in one go."""
    measured = [source for source in house.sources if not source.within(*DATA_RECORDS)]
    for source in measured:
        if source.length > FILE_MAX:
            yield Breach(
                source.path, FILE_MAX + 1, "file-length", f"{source.length} lines, at most {FILE_MAX}"
            )
    for kind, lengths in (
        ("rooms", [source.length for source in measured if source.in_rooms]),
        ("tests", [source.length for source in measured if source.in_tests]),
    ):
        if lengths and statistics.median(lengths) > FILE_MEDIAN:
            found = statistics.median(lengths)
            yield Breach(".", 1, "file-median", f"{kind}: median of {found:g} lines, at most {FILE_MEDIAN}")


def check_function_length(house: House) -> Iterator[Breach]:
    """No function and no typical function is too long."""
    for source in house.sources:
        for function in source.functions():
            if span(function) > FUNCTION_MAX:
                message = f"{function.name} has {span(function)} lines, at most {FUNCTION_MAX}"
                yield Breach(source.path, function.lineno, "function-length", message)
    found = percentile_95([span(function) for source in house.rooms for function in source.functions()])
    if found > FUNCTION_P95:
        yield Breach(".", 1, "function-p95", f"95th percentile is {found} lines, at most {FUNCTION_P95}")


def clock_aliases(source: Source) -> dict[str, str]:
    """Local names of the time module and of datetime's classes, and of clock functions imported by name."""
    aliases: dict[str, str] = {}
    for node in source.nodes:
        if isinstance(node, ast.Import):
            aliases |= {name.asname or name.name: name.name for name in node.names if name.name == "time"}
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            aliases |= {name.asname or name.name: f"time.{name.name}" for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "datetime":
            aliases |= {name.asname or name.name: name.name for name in node.names}
    return aliases


def clock_name(called: ast.expr, aliases: dict[str, str]) -> str | None:
    """`time.monotonic` and the like, however it was imported; None where the call reads no clock."""
    match called:
        case ast.Name(id=name) if name in aliases:
            module, _, function = aliases[name].partition(".")
            return f"{module}.{function}" if function in CLOCK_CALLS.get(module, ()) else None
        case ast.Attribute(value=ast.Name(id=name), attr=function):
            kind = aliases.get(name, name)
            if function in CLOCK_CALLS.get(kind, ()):
                return f"{kind}.{function}"
            return f"{name}.time" if function == "time" and name.endswith("loop") else None
        case ast.Attribute(value=ast.Attribute(attr=name), attr=function):
            if name in {"datetime", "date"} and function in CLOCK_CALLS[name]:
                return f"{name}.{function}"
            return f"{name}.time" if function == "time" and name.endswith("loop") else None
        case ast.Attribute(value=ast.Call(func=ast.Attribute(attr=name)), attr="time") if name.endswith(
            "loop"
        ):
            return f"{name}().time"
    return None


def check_clock(house: House) -> Iterator[Breach]:
    """Nobody in the rooms reads a clock but the files that may."""
    for source in house.rooms:
        if source.path in CLOCK_FILES:
            continue
        aliases = clock_aliases(source)
        for node in source.nodes:
            name = clock_name(node.func, aliases) if isinstance(node, ast.Call) else None
            if name is not None:
                message = f"{name}() outside the clock and the edge stampers; time is handed in"
                yield Breach(source.path, getattr(node, "lineno", 1), "clock", message)


# A silenced check names its code and then the reason.
SILENCED = re.compile(
    r"#\s*(?P<kind>noqa|type:\s*ignore)(?P<codes>:?\s*\[?[A-Z][A-Z0-9, -]*\]?|\[[a-z0-9, -]+\])?(?P<rest>.*)"
)


def check_silenced(house: House) -> Iterator[Breach]:
    """A silenced check names its code and its reason; in pure rooms types are never silenced."""
    for source in house.sources:
        for line, comment in source.comments:
            found = SILENCED.search(comment)
            if found is None:
                continue
            kind = "noqa" if found["kind"] == "noqa" else "type: ignore"
            if source.within(*PURE) and kind == "type: ignore":
                yield Breach(source.path, line, "silenced", "no type: ignore in a pure room")
            elif not found["codes"]:
                yield Breach(source.path, line, "silenced", f"{kind} without a code")
            elif not re.search(r"\w{3}", found["rest"]):
                yield Breach(source.path, line, "silenced", f"{kind} without a reason behind it")


def check_sleep(house: House) -> Iterator[Breach]:
    """No test waits for real time; virtual time passes by one function, which refuses a real clock."""
    for source in house.sources:
        if not source.in_tests or source.path == VIRTUAL_TIME:
            continue
        for node in source.nodes:
            match node:
                case ast.ImportFrom(module="time" | "asyncio", names=names) if "sleep" in {
                    n.name for n in names
                }:
                    yield Breach(source.path, node.lineno, "sleep", "sleep imported into a test")
                case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr="sleep"), args=args):
                    # asyncio.sleep(0) gives the loop one turn and takes no time.
                    turn = bool(args) and isinstance(args[0], ast.Constant) and args[0].value == 0
                    if module in {"time", "asyncio"} and not turn:
                        yield Breach(
                            source.path, node.lineno, "sleep", "a test waits for a condition, not for time"
                        )


def is_broad(caught: ast.expr | None) -> bool:
    """Whether an except clause catches everything."""
    match caught:
        case None | ast.Name(id="Exception" | "BaseException"):
            return True
        case ast.Tuple(elts=parts):
            return any(is_broad(part) for part in parts)
    return False


def check_broad_except(house: House) -> Iterator[Breach]:
    """Only the named files may catch everything."""
    for source in house.rooms:
        if source.path in BROAD_EXCEPT_FILES:
            continue
        for node in source.nodes:
            match node:
                case ast.ExceptHandler(type=caught) if is_broad(caught):
                    pass
                case ast.Call(func=ast.Attribute(attr="suppress"), args=args) if any(map(is_broad, args)):
                    pass
                case _:
                    continue
            message = "broad except outside " + ", ".join(BROAD_EXCEPT_FILES)
            yield Breach(source.path, node.lineno, "broad-except", message)


def test_share(house: House, room: str) -> float | None:
    """Test lines per code line of one room; None where the room has no code."""
    code = [s for s in house.sources if s.within(f"{room}/*") and not s.within(*DATA_RECORDS)]
    lines = sum(source.code_lines for source in code)
    tests = sum(source.code_lines for source in house.sources if source.within(f"tests/{room}/*"))
    return tests / lines if lines else None


def check_test_share(house: House) -> Iterator[Breach]:
    """Every pure room has enough lines of test."""
    for room in PURE_ROOMS:
        share = test_share(house, room)
        if share is not None and share < TEST_SHARE:
            message = f"{share:.2f} test lines per code line, at least {TEST_SHARE}"
            yield Breach(f"tests/{room}", 1, "test-share", message)


def check_test_folders(house: House) -> Iterator[Breach]:
    """No folder under tests/ is a package."""
    for path in house.paths:
        if fnmatch(path, "tests/*__init__.py"):
            yield Breach(path, 1, "tests-init", "a package under tests/ would shadow the room of its name")


CHECKING = re.compile(r"_?(assert|await|check|expect|must)")
"""How helpers are named that fail a test: `await_lamp` waits for one, and fails without it."""


def asserts(function: ast.AST) -> bool:
    """Whether a test can fail by itself: an assert, an expected error or warning, or a helper that checks."""
    for node in ast.walk(function):
        match node:
            case ast.Assert():
                return True
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                if name in {"raises", "warns", "fail"} or CHECKING.match(name):
                    return True
    return False


def check_tests_assert(house: House) -> Iterator[Breach]:
    """Every test can fail."""
    for source in house.sources:
        if not source.in_tests:
            continue
        for function in source.functions():
            if function.name.startswith("test_") and not asserts(function):
                yield Breach(
                    source.path,
                    function.lineno,
                    "asserts",
                    f"{function.name} cannot fail: it asserts nothing",
                )


# One letter in brackets each, so that this file does not break its own rule.
ADDRESSES: tuple[tuple[str, str], ...] = (
    ("registry-address", r"\bpy[p]i\.org|python[h]osted\.org|registry\.npm[j]s|\bdeb\.debi[a]n\.org"),
    ("registry-address", r"--(?:extra-)?index-ur[l][ =]|file:///op[t]/"),
    (
        "machine-path",
        r"(?<![\w.$}])/(?:wor[k]|roo[t])/|/tmp/bash_job[s]|/opt/(?:pyp[i]|wheel[s])|\.\./share[d]\b",
    ),
)


def check_addresses(house: House) -> Iterator[Breach]:
    """No published file names a registry or a path of one machine."""
    for path in house.paths:
        text = house.text(path)
        if text is None:
            continue
        for rule, pattern in ADDRESSES:
            for found in re.finditer(pattern, text):
                line = text.count("\n", 0, found.start()) + 1
                yield Breach(path, line, rule, f"{found[0].strip()!r} does not belong into a published file")


def check_syntax(house: House) -> Iterator[Breach]:
    """Every Python file parses; the other checks rely on it."""
    for source in house.sources:
        try:
            ast.parse(source.text, source.path)
        except SyntaxError as error:
            yield Breach(source.path, error.lineno or 1, "syntax", error.msg)


CHECKS: tuple[Callable[[House], Iterable[Breach]], ...] = (
    check_file_length,
    check_function_length,
    check_clock,
    check_silenced,
    check_sleep,
    check_broad_except,
    check_test_share,
    check_test_folders,
    check_tests_assert,
    check_addresses,
)


def breaches(root: Path) -> list[Breach]:
    """Every breach of the tree at `root`, sorted by place; only the syntax errors where there are any."""
    house = House(root)
    return sorted(check_syntax(house)) or sorted({b for check in CHECKS for b in check(house)})


def summary(root: Path) -> str:
    """The figures behind the rules, for the reader of the log."""
    house = House(root)
    rooms = [source for source in house.rooms if not source.within(*DATA_RECORDS)]
    spans = [span(function) for source in rooms for function in source.functions()]
    shares = {room: test_share(house, room) for room in PURE_ROOMS}
    return (
        f"files: {len(rooms)} in the rooms, median {statistics.median(s.length for s in rooms):g} lines, "
        f"longest {max(s.length for s in rooms)}; functions: {len(spans)}, p95 {percentile_95(spans)}, "
        f"longest {max(spans, default=0)}; test share: "
        + ", ".join(f"{room} {share:.2f}" for room, share in shares.items() if share is not None)
    )


def main(arguments: list[str]) -> int:
    """Print the breaches, or the figures where there are none; the exit code says which."""
    root = Path(arguments[0] if arguments else Path(__file__).parent.parent).resolve()
    found = breaches(root)
    for breach in found:
        print(breach)
    if not found:
        print(summary(root))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
