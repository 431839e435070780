"""Site records: what is good comes back, what is wrong is named with file, line and the nearest word."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callseat.site_records import MAX_FILE_BYTES, OPTIONS, SiteRecords, read_site_records
from devices.models import REGISTRY
from devices.models.headsets import RECORDS
from devices.models.record import BOUNDS, DEFAULT, Extension, HoldStyle, ModelRecord, deviations
from devices.models.toml_form import TABLES, record_toml
from state.words import Button

GOOD = """\
name = "Acme Talk"
vendor_id = 0x0abc
product_id = "0012"
long_press_s = 1

[usages]
"000B:0007" = "delete"
"b:50" = ""

[evidence]
long_press_s = "a short hold already swaps (seat 7, 2026-11-02)"
usages = "the key under the logo deletes (seat 7, 2026-11-02)"
"""
ACME = ModelRecord(
    "Acme Talk",
    0x0ABC,
    0x0012,
    long_press_s=1.0,
    usages={0x000B_0007: Button.DELETE, 0x000B_0050: None},
    evidence={
        "long_press_s": "a short hold already swaps (seat 7, 2026-11-02)",
        "usages": "the key under the logo deletes (seat 7, 2026-11-02)",
    },
)
HEAD = 'name = "A"\nvendor_id = 1\nproduct_id = 2\n'
LINE = "somebody saw it on the seat 7"


def read(folder: Path, **files: str) -> SiteRecords:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return read_site_records(folder)


def only_problem(folder: Path, text: str) -> str:
    """The one problem of a file a.toml, without the folder."""
    found = read(folder, a=text)
    assert found.records == ()
    (problem,) = found.problems
    return problem.removeprefix(f"{folder}/")


def test_a_good_record(tmp_path: Path) -> None:
    found = read(tmp_path, acme=GOOD)
    assert found == SiteRecords((ACME,), ())
    (record,) = found.records
    assert isinstance(record.usages[0x000B_0007], Button)
    assert isinstance(record.long_press_s, float)
    assert REGISTRY.overlaid(found.records).find(0x0ABC, 0x0012) is record


def test_files_are_read_by_name_and_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no record", encoding="utf-8")
    (tmp_path / "old.toml.bak").write_text("no record", encoding="utf-8")
    second = HEAD.replace("vendor_id = 1", "vendor_id = 3")
    assert [record.vendor_id for record in read(tmp_path, b=HEAD, a=second).records] == [3, 1]


def test_an_empty_folder_says_nothing_and_a_missing_one_is_named(tmp_path: Path) -> None:
    assert read_site_records(tmp_path) == SiteRecords()
    (problem,) = read_site_records(tmp_path / "none").problems
    assert problem == f"{tmp_path}/none: no such folder; site records are *.toml files in it"
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert read_site_records(tmp_path / "file").problems[0].startswith(f"{tmp_path}/file: no such folder")


def test_several_models_in_one_file(tmp_path: Path) -> None:
    text = f"""\
[[model]]
name = "One"
vendor_id = 1
product_id = 1
duplicate_s = 0.1
[model.evidence]
duplicate_s = "{LINE}"

[[model]]
name = "Two"
vendor_id = 1
product_id = 2
[model.usages]
"""
    one, two = read(tmp_path, many=text).records
    assert (one.duplicate_s, one.evidence) == (0.1, {"duplicate_s": LINE})
    assert (two.name, two.usages, two.evidence) == ("Two", {}, {})


def test_a_broken_record_costs_nothing_but_itself(tmp_path: Path) -> None:
    text = '[[model]]\nname = "One"\nvendor_id = 1\nproduct_id = 1\nhold = "flash"\n\n[[model]]\n' + HEAD
    found = read(tmp_path, a="not toml [", b=text, c=GOOD)
    assert [record.name for record in found.records] == ["A", "Acme Talk"]
    assert len(found.problems) == 2
    assert found.problems[0].startswith(f"{tmp_path}/a.toml: not valid TOML: ")
    assert found.problems[1] == (
        f'{tmp_path}/b.toml:5: [[model]] number 1 hold: must be one of lamp, off_hook_clear, not "flash"'
    )


# fmt: off
PROBLEMS: list[tuple[str, str | None]] = [
    # fields
    (HEAD + "hook_ecko_s = 1.0\n", "a.toml:4: hook_ecko_s: unknown, did you mean hook_echo_s?"),
    (HEAD + "evidenc = 1\n", "a.toml:4: evidenc: unknown, did you mean evidence?"),
    (HEAD.replace('name = "A"\n', ""), "a.toml: name: is missing"),
    ('name = "A"\nvendor_id = 1\n', "a.toml: product_id: is missing"),
    (HEAD.replace('"A"', '""'), "a.toml:1: name: must have 1 to 80 characters, not 0"),
    (HEAD.replace('"A"', "7"), "a.toml:1: name: must be a text, not a whole number (7)"),
    # ids
    (HEAD.replace("= 1", "= 0"), "a.toml:2: vendor_id: must be a whole number from 1 to 65535, not 0"),
    (
        HEAD.replace("= 1", "= 0x10000"),
        "a.toml:2: vendor_id: must be a whole number from 1 to 65535, not 65536",
    ),
    (
        HEAD.replace("= 1", '= "0x0b0g"'),
        'a.toml:2: vendor_id: must be a USB id such as 0x0b0e or "0b0e", not "0x0b0g"',
    ),
    (HEAD.replace("= 1", '= ""'), 'a.toml:2: vendor_id: must be a USB id such as 0x0b0e or "0b0e", not ""'),
    (
        HEAD.replace("= 1", "= true"),
        "a.toml:2: vendor_id: must be a whole number from 1 to 65535, not true or false (True)",
    ),
    # values
    (HEAD + "call_control = 1\n", "a.toml:4: call_control: must be true or false, not a whole number (1)"),
    (HEAD + "duplicate_s = 0.3\n", "a.toml:4: duplicate_s: must be a number from 0 to 0.25, not 0.3"),
    (HEAD + "duplicate_s = nan\n", "a.toml:4: duplicate_s: must be a number from 0 to 0.25, not nan"),
    (
        HEAD + 'hook_echo_s = "1 s"\n',
        'a.toml:4: hook_echo_s: must be a number from 0.05 to 5, not a text ("1 s")',
    ),
    (HEAD + 'reject_button = "delte"\n', None),
    (HEAD + 'extension = ""\n', 'a.toml:4: extension: must be one of cx300, not ""'),
    # usages
    (HEAD + "usages = 1\n", "a.toml:4: usages: must be a table [usages]"),
    (
        HEAD + '[usages]\n"000B" = ""\n',
        'a.toml:5: usages.000B: must be page:id in hexadecimal, such as "000B:0007"',
    ),
    (
        HEAD + '[usages]\n"000B:0007" = "delte"\n',
        ("a.toml:5: usages.000B:0007: 'delte' is no key, did you mean delete?; "
         '"" means that the usage is not a key'),
    ),
    (HEAD + '[usages]\n"000B:0007" = 1\n', None),
    # evidence
    (
        HEAD + "duplicate_s = 0.1\n",
        "a.toml:4: duplicate_s: differs from the default and needs its line in [evidence]: duplicate_s = ...",
    ),
    (
        HEAD + f'[evidence]\nduplicate_s = "{LINE}"\n',
        "a.toml:5: evidence.duplicate_s: is about no field that differs, which is as usual here",
    ),
    (
        HEAD + f'[evidence]\nduplicate = "{LINE}"\n',
        "a.toml:5: evidence.duplicate: is about no field that differs; known are name",
    ),
    (
        HEAD + '[evidence]\nname = "seen"\n',
        ("a.toml:5: evidence.name: must say what was seen and where that is written, "
         "one line of at least 20 characters"),
    ),
    (HEAD + '[evidence]\nname = "seen on the seat\\nand again on it"\n', None),
    (HEAD + "[evidence]\nname = 12345678901234567890\n", None),
    # the file
    ("", None),
    ("model = 1\n", "a.toml: write [[model]], one for each model"),
    ("[model]\n" + HEAD, "a.toml: write [[model]], one for each model"),
    ("model = [1]\n", "a.toml: write [[model]], one for each model"),
    ("x = " + "[" * 5000, None),
]
# fmt: on


@pytest.mark.parametrize(("text", "said"), [case for case in PROBLEMS if case[1] is not None])
def test_a_problem_is_one_sentence_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    assert only_problem(tmp_path, text) == said


@pytest.mark.parametrize("text", [text for text, _ in PROBLEMS])
def test_no_problem_raises_or_gives_a_record(text: str, tmp_path: Path) -> None:
    found = read(tmp_path, a=text, b=GOOD)
    assert found.records == (ACME,)
    assert found.problems
    assert all(problem.startswith(f"{tmp_path}/a.toml") and "\n" not in problem for problem in found.problems)


def test_fields_outside_of_every_model_are_told_and_the_models_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, a='name = "A"\n[[model]]\n' + HEAD)
    assert [record.name for record in found.records] == ["A"]
    (problem,) = found.problems
    assert problem == f"{tmp_path}/a.toml: name: stands outside of every [[model]]; move it into one"


def test_the_same_ids_twice_are_told_and_the_first_one_holds(tmp_path: Path) -> None:
    again = HEAD.replace('"A"', '"B"')
    found = read(tmp_path, a=HEAD, b=again, c=f"[[model]]\n{again}")
    assert [record.name for record in found.records] == ["A"]
    assert [problem.removeprefix(f"{tmp_path}/") for problem in found.problems] == [
        "b.toml:3: product_id: 0001:0002 is already recorded in a.toml",
        "c.toml:4: [[model]] number 1 product_id: 0001:0002 is already recorded in a.toml",
    ]


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    found = read(tmp_path, a=HEAD + 'hold = "x"\nlong_press_s = 99\ncolour = 1\n')
    assert [problem.split(": ")[1] for problem in found.problems] == ["hold", "long_press_s", "colour"]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x80", b"\x00" * 10])
def test_bytes_that_are_no_text(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(data)
    (problem,) = read_site_records(tmp_path).problems
    assert problem.startswith(f"{tmp_path}/a.toml: not valid TOML")


def test_a_file_too_large_or_not_to_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("#" * (MAX_FILE_BYTES + 1), encoding="utf-8")
    (tmp_path / "b.toml").mkdir()
    (tmp_path / "c.toml").symlink_to(tmp_path / "gone")
    large, folder, link = read_site_records(tmp_path).problems
    assert large.endswith(f"a.toml: not valid TOML: more than {MAX_FILE_BYTES} bytes: not a model record")
    assert folder.endswith("b.toml: cannot be read: Is a directory")
    assert link.endswith("c.toml: cannot be read: No such file or directory")


def test_a_byte_order_mark_and_windows_lines_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_site_records(tmp_path).records == (ACME,)


def test_every_cut_of_a_good_file_gives_the_record_or_a_problem(tmp_path: Path) -> None:
    for end in range(len(GOOD)):
        found = read(tmp_path, a=GOOD[:end])
        assert bool(found.records) is not bool(found.problems), GOOD[:end]


# written and read back -------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_shipped_record_comes_back_as_it_was(record: ModelRecord, tmp_path: Path) -> None:
    assert read(tmp_path, a=record_toml(record)) == SiteRecords((record,), ())


def number(name: str) -> st.SearchStrategy[float]:
    low, high = BOUNDS[name]
    return st.floats(low, high)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Co", "Cn", "Zs")),
    min_size=20,
    max_size=60,
)
MANNERS: dict[str, st.SearchStrategy[object]] = {
    "call_control": st.booleans(),
    **{name: number(name) for name in BOUNDS if name.endswith("_s")},
    "echoes_unmute": st.booleans(),
    "hold": st.sampled_from(HoldStyle),
    "reject_reports": st.integers(0, 5),
    "reject_button": st.sampled_from(Button),
    "array_base": st.integers(0, 255),
    "usages": st.dictionaries(st.integers(0, 0xFFFF_FFFF), st.none() | st.sampled_from(Button), max_size=4),
    "extension": st.just(Extension.CX300),
}


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({}, optional=MANNERS),
    st.integers(1, 0xFFFF),
    st.integers(1, 0xFFFF),
    TEXT,
    st.data(),
)
def test_any_record_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    manners: dict[str, object],
    vendor: int,
    product: int,
    name: str,
    data: st.DataObject,
) -> None:
    bare = ModelRecord(name, vendor, product, **manners)  # type: ignore[arg-type]  # any field, by name
    evidence = {manner: data.draw(TEXT) for manner in deviations(bare)}
    record = ModelRecord(name, vendor, product, evidence, **manners)  # type: ignore[arg-type]  # the same
    folder = tmp_path_factory.getbasetemp() / "round"
    folder.mkdir(exist_ok=True)
    assert read(folder, a=record_toml(record)) == SiteRecords((record,), ())


def test_every_field_of_a_record_can_be_given() -> None:
    assert {*OPTIONS, *TABLES} == {field.name for field in fields(ModelRecord)}
    assert {*MANNERS, "name", "vendor_id", "product_id", "evidence"} == {
        field.name for field in fields(ModelRecord)
    }
    assert all(
        option.default == getattr(DEFAULT, key) for key, option in OPTIONS.items() if not option.required
    )
