"""YAML with lines: what is converted, what stays text, what is complained about."""

import pytest

from datasets.lined_yaml import read


@pytest.fixture
def parse(tmp_path):
    def parsed(content, **how):
        path = tmp_path / "file.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(path, **how)

    return parsed


def complaints(lined):
    return [(fault.line, fault.message.partition(" ")[0]) for fault in lined.faults]


def test_only_what_json_knows_is_converted(parse):
    lined = parse("{a: 1, b: -2.5, c: true, d: null, e: , f: 1e3, g: text, h: '1', i: ~}")
    assert lined.content == {
        "a": 1,
        "b": -2.5,
        "c": True,
        "d": None,
        "e": None,
        "f": 1000.0,
        "g": "text",
        "h": "1",
        "i": None,
    }
    assert lined.faults == []


@pytest.mark.parametrize(
    "written", ["01", "010", "08", "0x1F", "10:30", "no", "Yes", "on", "2026-01-01", "1_000", ".5", "+1"]
)
def test_what_yaml_would_guess_at_stays_text_and_is_a_fault_where_strict(parse, written):
    assert parse(f"a: {written}").content == {"a": written}
    assert parse(f"a: {written}").faults == []
    strict = parse(f"\na: {written}", strict=True)
    assert strict.content == {"a": written}
    assert strict.doubtful == {("a",)}
    assert complaints(strict) == [(2, f"«{written}»")]


@pytest.mark.parametrize("written", ['"01"', "'10:30'", '"no"', "|\n  2026-01-01"])
def test_in_quotes_everything_is_text(parse, written):
    lined = parse(f"a: {written}", strict=True)
    assert isinstance(lined.content["a"], str)
    assert lined.faults == []


def test_a_key_that_is_no_text_is_a_fault_where_strict(parse):
    assert parse("{1: a}").content == {1: "a"}
    lined = parse("{1: a, true: b}", strict=True)
    assert lined.content == {"1": "a", "true": "b"}
    assert complaints(lined) == [(1, "«1»"), (1, "«true»")]


def test_every_key_and_item_has_its_line(parse):
    lined = parse("a: 1\nb:\n  c: 2\n  d:\n    - x\n    - {e: 3}\n")
    assert [lined.line(at) for at in [("a",), ("b",), ("b", "c"), ("b", "d", 0), ("b", "d", 1, "e")]] == [1, 2, 3, 5, 6]


def test_steps_that_are_not_in_the_file_are_left_out_of_the_way(parse):
    lined = parse("a:\n  b:\n    c: 1\n")
    assert lined.line(("a", "member", "b", "c")) == 3
    assert lined.line(("a", "b", "missing")) == 2
    assert lined.line(()) == 1


def test_a_key_given_twice_is_a_fault_that_names_the_first_and_the_first_stands(parse):
    lined = parse("a: 1\nb: 2\na: 3\n", language="en")
    assert lined.content == {"a": 1, "b": 2}
    assert [fault.line for fault in lined.faults] == [3]
    assert "line 1" in lined.faults[0].message


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        ("a:\n\tb: 1", 2, "Tab"),
        ("a: * 6 * * *", 1, "ngoặc kép"),
        ("a: [1\nb: 2", 2, "YAML"),
        ("a: 1\n---\nb: 2", 2, "YAML"),
        ("[x, y]: 1", 1, "Khoá"),
        ("&a [*a]", 0, "lồng"),
        (b"\xff\xfea", 0, "UTF-8"),
        ("a: \x07", 0, "YAML"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line(parse, content, line, word):
    [fault] = parse(content).faults
    assert fault.line == line
    assert word in fault.message


def test_a_missing_file_is_a_fault_too(tmp_path):
    [fault] = read(tmp_path / "nowhere.yaml").faults
    assert fault.line == 0


def test_a_doubtful_secret_is_not_quoted_back(parse):
    [fault] = parse("client_secret: 0123456", strict=True).faults
    assert "0123456" not in fault.message


def test_a_byte_order_mark_is_no_part_of_the_first_key(parse):
    assert parse(b"\xef\xbb\xbfa: 1").content == {"a": 1}
