from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from callseat.records import (
    RecordsLost,
    RecordsOverflow,
    RecordStore,
    query_agents,
    query_calls,
    query_promises,
)
from state.errors import ConfigError
from state.ids import CallId, LineId, RecordId
from state.rows import AgentRow, Breach, CallRow, PromiseRow, SpeechFigure, Stamp
from state.words import Basis, By, CallState, Cause, Direction

WALL_S = 1_700_000_000.0
PATIENCE_S = 10.0

Opener = Callable[..., RecordStore]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "records.sqlite"


@pytest.fixture(name="opened")
def _opened(path: Path) -> Iterator[Opener]:
    """Open a store as one run of the daemon would; all are closed at the end."""
    with ExitStack() as stack:

        def start(session: str = "s1", boot: str = "boot1", retry_s: float = 1.0) -> RecordStore:
            store = RecordStore(path, session, boot, retry_s=retry_s)
            store.start()
            stack.callback(store.close)
            return store

        yield start


def ringing(n: int = 1, number: str = "13800138000") -> CallRow:
    return CallRow(
        record=RecordId(f"s1-{n}"),
        line=LineId("desk"),
        call=CallId(f"desk-{n}"),
        direction=Direction.INBOUND,
        number=number,
        state=CallState.RINGING,
        delivered=Stamp(10.0 + n, WALL_S + n, synced=True),
    )


def finished(n: int = 1) -> CallRow:
    return replace(
        ringing(n),
        state=CallState.IDLE,
        name="张三",
        agent="1001",
        established=Stamp(12.0 + n, WALL_S + 2 + n, synced=True),
        cleared=Stamp(60.0 + n),
        cause=Cause.NORMAL_CLEARING,
        by=By.REMOTE,
        silent_stage=2,
        silent_outcome="conversation",
        cause_s={"customer_silent": 9.5},
        cues=("opening", "silent.stage_2"),
        first_near_s=0.5,
        near_spoken_s=7.25,
        speech=(
            SpeechFigure("near.talk_s", 7.25, Basis.SENSED),
            SpeechFigure("near.syllables", 31.0, Basis.PROPOSED),
        ),
        hold_s=1.5,
        hold_count=1,
        closing="talking",
        breaches=(Breach("P1.early_hang_up", 59.0, Basis.SENSED, "hung up 2.1 s early"),),
        category="bill",
        note="call back",
    )


def promise(n: int = 1, closed: bool = False) -> PromiseRow:
    made = Stamp(20.0, WALL_S, synced=False)
    return PromiseRow(
        RecordId(f"p-{n}"), RecordId("s1-1"), made, "agent", "138", "refund", "2024-05-03", Basis.KEY, closed
    )


def settle(store: RecordStore) -> None:
    store.flush().result(PATIENCE_S)


def overfill(store: RecordStore) -> None:
    for n in range(300):
        store.write(ringing(n))


def test_rows_come_back_as_they_were_written(opened: Opener, path: Path) -> None:
    store = opened()
    agent = AgentRow(Stamp(1.0, WALL_S, synced=True), "1001", "ready", "")
    for row in (finished(), agent, promise()):
        store.write(row)
    settle(store)
    (call,) = query_calls(path)
    assert call.row == finished()
    assert (call.session, call.last_session, call.boot) == ("s1", "s1", "boot1")
    assert query_agents(path) == (agent,)
    assert query_promises(path) == (promise(),)
    assert store.status().written == 3


def test_a_call_is_one_record_however_often_it_is_written(opened: Opener, path: Path) -> None:
    store = opened()
    store.write(ringing())
    store.write(replace(ringing(), state=CallState.CONNECTED))
    settle(store)
    assert [call.row.state for call in query_calls(path)] == [CallState.CONNECTED]
    store.write(finished())
    store.write(finished())
    settle(store)
    (call,) = query_calls(path)
    assert call.row == finished()


def test_a_wall_time_learnt_late_is_added_and_not_lost(opened: Opener, path: Path) -> None:
    store = opened()
    for wall_s, synced in ((None, False), (WALL_S, True), (None, False)):
        store.write(replace(ringing(), delivered=Stamp(11.0, wall_s, synced)))
        settle(store)
    assert query_calls(path)[0].row.delivered == Stamp(11.0, WALL_S, synced=True)


def test_queries_are_newest_first_and_limited(opened: Opener, path: Path) -> None:
    store = opened()
    for n in range(5):
        store.write(ringing(n, number=f"1380000000{n}"))
    settle(store)
    store.write(replace(ringing(0, number="13800000000"), state=CallState.IDLE))
    settle(store)
    assert [call.row.record for call in query_calls(path, limit=2)] == ["s1-4", "s1-3"]
    assert [call.row.record for call in query_calls(path, since_wall_s=WALL_S + 3)] == ["s1-4", "s1-3"]
    assert [call.row.record for call in query_calls(path, number="0002")] == ["s1-2"]
    assert query_calls(path, number="%") == ()
    assert query_calls(path, number="' OR 1 --") == ()


def test_a_closed_promise_is_owed_no_more(opened: Opener, path: Path) -> None:
    store = opened()
    store.write(promise(1))
    store.write(promise(2))
    store.write(promise(1, closed=True))
    settle(store)
    assert [each.promise for each in query_promises(path)] == ["p-2"]
    assert [each.closed for each in query_promises(path, open_only=False)] == [True, False]
    assert [each.promise for each in store.load_open().promises] == ["p-2"]


def test_a_new_file_restores_nothing(opened: Opener) -> None:
    restored = opened().load_open()
    event = restored.event(5.0)
    assert (event.at, event.agent, event.agent_state, event.open_records) == (5.0, None, "", ())


def test_what_an_earlier_run_left_is_restored(opened: Opener) -> None:
    first = opened()
    first.write(finished(1))
    up = replace(finished(2), state=CallState.CONNECTED, cleared=None, cause=None)
    first.write(up)
    first.write(ringing(3))
    first.write(replace(ringing(4), state=CallState.FAILED, cause=Cause.BUSY))
    first.write(AgentRow(Stamp(1.0, WALL_S), "1001", "ready"))
    first.write(AgentRow(Stamp(2.0, WALL_S + 1), "1001", "not_ready", "lunch"))
    first.seen(70.0, WALL_S + 99, True)
    first.close()
    second = opened("s2", "boot2")
    second.write(AgentRow(Stamp(3.0), None, "logged_out"))
    second.write(replace(ringing(5), record=RecordId("s2-1")))
    restored = second.load_open()
    assert (restored.agent, restored.agent_state, restored.agent_reason) == ("1001", "not_ready", "lunch")
    assert restored.agent_wall_s == WALL_S + 1
    assert [each.row for each in restored.open_records] == [up, ringing(3)]
    assert {each.last_seen_wall_s for each in restored.open_records} == {WALL_S + 99}
    assert restored.event(1.0).open_records == restored.open_records


def test_an_open_record_of_a_run_without_a_clock_says_so(opened: Opener) -> None:
    first = opened()
    first.write(replace(ringing(), delivered=Stamp(11.0)))
    first.close()
    (left,) = opened("s2").load_open().open_records
    assert left.last_seen_wall_s is None


def test_an_adopted_call_stays_one_record_with_its_first_times(opened: Opener, path: Path) -> None:
    first = opened()
    first.write(replace(finished(), state=CallState.CONNECTED, cleared=None, cause=None))
    first.close()
    second = opened("s2", "boot2")
    (left,) = second.load_open().open_records
    adopted = replace(left.row, gap_s=4.5, established=None)
    second.write(adopted)
    done = Breach("P11", 3.0, Basis.KEY)
    second.write(
        replace(adopted, state=CallState.IDLE, cleared=Stamp(5.0), breaches=(*left.row.breaches, done))
    )
    settle(second)
    (call,) = query_calls(path)
    assert (call.session, call.last_session, call.boot) == ("s1", "s2", "boot1")
    assert call.row.delivered == finished().delivered
    assert call.row.established == finished().established
    assert (call.row.cleared, call.row.gap_s) == (Stamp(5.0), 4.5)
    assert call.row.breaches == (*finished().breaches, done)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT delivered_boot, cleared_boot FROM call").fetchone() == ("boot1", "boot2")
        assert raw.execute("SELECT boot FROM breach ORDER BY n").fetchall() == [("boot1",), ("boot2",)]
    assert opened("s3").load_open().open_records == ()


def test_the_disk_is_asked_for_the_strictest_safety(opened: Opener, path: Path) -> None:
    opened()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert path.stat().st_mode & 0o007 == 0


def test_no_column_could_hold_keyed_digits(opened: Opener, path: Path) -> None:
    opened()
    with closing(sqlite3.connect(path)) as raw:
        names = {
            column[1]
            for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for column in raw.execute(f"PRAGMA table_info({table})")
        }
    assert "number" in names
    assert not any("digit" in name or "dtmf" in name for name in names)


def test_rows_wait_for_a_locked_file_and_are_then_written(
    opened: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callseat.records.schema.BUSY_S", 0.01)
    store = opened(retry_s=0.01)
    refused = threading.Event()
    monkeypatch.setattr("callseat.records.store.log.error", lambda *_: refused.set())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.write(ringing())
        done = store.flush()
        assert refused.wait(PATIENCE_S)
        assert store.status().trouble == "database is locked"
        assert not done.done()
        other.execute("ROLLBACK")
    done.result(PATIENCE_S)
    assert store.status().trouble == ""
    assert len(query_calls(path)) == 1


def test_closing_with_a_locked_file_says_that_rows_are_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callseat.records.schema.BUSY_S", 0.01)
    store = RecordStore(path, "s1", "boot1", retry_s=PATIENCE_S)
    store.start()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.write(ringing())
        done = store.flush()
        with pytest.raises(RecordsLost, match="database is locked"):
            store.close()
    with pytest.raises(RecordsLost):
        done.result(PATIENCE_S)
    store.close()


def test_a_full_queue_is_fatal_not_silent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callseat.records.schema.BUSY_S", 0.01)
    store = RecordStore(path, "s1", "boot1", max_queued=4, retry_s=0.01)
    store.start()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RecordsOverflow, match="4 rows wait"):
            overfill(store)
        other.execute("ROLLBACK")
    store.close()
    assert len(query_calls(path)) >= 4


def test_being_alive_is_not_worth_an_overflow(path: Path) -> None:
    store = RecordStore(path, "s1", "boot1", max_queued=4)
    for _ in range(10):
        store.seen(1.0, WALL_S, True)
    assert store.status().queued == 2


def test_a_row_no_table_can_hold_ends_the_writer_loudly(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: crashed.append(args.exc_type.__name__))
    store = RecordStore(path, "s1", "boot1")
    store.start()
    store.write(replace(ringing(), number=object()))  # type: ignore[arg-type]  # wrong on purpose
    done = store.flush()
    with pytest.raises(sqlite3.Error):
        done.result(PATIENCE_S)
    store.close()
    with pytest.raises(RuntimeError, match="the record writer has ended"):
        store.write(ringing())
    assert crashed


@pytest.mark.parametrize("damage", ["not a database", "torn", "page"])
def test_a_damaged_file_is_moved_aside_and_the_seat_goes_on(opened: Opener, path: Path, damage: str) -> None:
    first = opened()
    for n in range(200):
        first.write(ringing(n))
    first.close()
    whole = path.read_bytes()
    spoilt = {
        "not a database": b"hello " * 1000,
        "torn": whole[: len(whole) // 2],
        "page": whole[:4096] + b"\xff" * 8192 + whole[12288:],
    }[damage]
    path.write_bytes(spoilt)
    second = opened("s2")
    (notice,) = second.status().notices
    assert f"records {path} is damaged" in notice
    aside = path.with_name("records.sqlite.damaged-1")
    assert f"moved to {aside}, a new file is begun" in notice
    assert aside.read_bytes()[:4096] == spoilt[:4096]
    assert second.load_open().open_records == ()
    second.write(ringing(7))
    settle(second)
    assert len(query_calls(path)) == 1


def test_a_damaged_file_that_cannot_be_moved_aside_is_one_clear_message(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_old: Path, _new: Path) -> None:
        raise PermissionError(13, "Permission denied")

    path.parent.mkdir(parents=True)
    path.write_bytes(b"hello " * 1000)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ConfigError, match=r"cannot be opened: .*Permission denied"):
        RecordStore(path, "s1", "boot").start()


def test_a_file_that_is_damaged_while_it_is_open_costs_no_row(
    opened: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    store.write(ringing(1))
    settle(store)
    from callseat.records.file import RecordFile

    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorname = "SQLITE_CORRUPT"
    commit, calls = RecordFile.commit, list[int]()

    def broken(self: RecordFile, items: list[CallRow]) -> None:
        calls.append(len(items))
        if len(calls) == 1:
            raise error
        commit(self, items)

    monkeypatch.setattr(RecordFile, "commit", broken)
    store.write(ringing(2))
    settle(store)
    assert [call.row.record for call in query_calls(path)] == ["s1-2"]
    assert [call.row.record for call in query_calls(path.with_name("records.sqlite.damaged-1"))] == ["s1-1"]
    assert "is damaged" in store.status().notices[0]


def test_a_newer_file_is_refused_and_left_alone(opened: Opener, path: Path) -> None:
    opened().close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 7")
    before = path.read_bytes()
    with pytest.raises(
        ConfigError, match=r"written by a newer callseat \(schema 7, not 2\); update callseat"
    ):
        RecordStore(path, "s2", "b").start()
    with pytest.raises(ConfigError, match="newer callseat"):
        query_calls(path)
    assert path.read_bytes() == before


def test_a_file_of_an_older_schema_is_refused_and_left_alone(opened: Opener, path: Path) -> None:
    opened().close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 1")
    before = path.read_bytes()
    older = r"written by an older callseat \(schema 1, not 2\); give \[records\] path another name"
    with pytest.raises(ConfigError, match=older):
        RecordStore(path, "s2", "b").start()
    with pytest.raises(ConfigError, match=older):
        query_calls(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE theirs (x)")
    with pytest.raises(ConfigError, match="a database of something else"):
        RecordStore(path, "s1", "b").start()
    assert not path.with_name("records.sqlite.damaged-1").exists()


def test_a_place_that_cannot_be_written_is_the_operators_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"\[records\] path: .* cannot be written"):
        RecordStore(tmp_path / "file" / "records.sqlite", "s1", "b").start()
    with pytest.raises(ConfigError, match=r"\[records\] path: .* cannot be opened"):
        RecordStore(tmp_path, "s1", "b").start()


def test_reading_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        query_calls(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(ConfigError, match="holds no records yet"):
        query_calls(tmp_path / "empty.sqlite")


def test_closing_twice_or_unstarted_does_nothing(path: Path) -> None:
    store = RecordStore(path, "s1", "b")
    store.close()
    store.start()
    store.write(ringing())
    store.close()
    store.close()
    assert len(query_calls(path)) == 1
