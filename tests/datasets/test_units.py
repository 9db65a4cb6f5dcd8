"""Org units: a small invented province with a past. Commune 07450 changed its parent and grew on 1/7/2025."""

import re
from datetime import date

import pytest

from datasets.errors import ConfigError, UsageError
from datasets.units import UnitTree

HEADER = "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n"
PROVINCE = (
    HEADER
    + """\
24,Tỉnh Mẫu,province,,province,,,,,
213,Huyện cũ,district,24,district,,2025-06-30,24,,
07450,Xã Đông,commune,213,commune,,30/06/2025,07450,8.123,2000
07451,Xã Tây,commune,213,commune,,30/06/2025,07450,3000,700
07450,Xã Đông Tây,commune,24,commune,2025-07-01,,,11.123,2700
07450-01,Thôn 1,hamlet,07450,hamlet,,,,,
07450-02,Thôn 2,hamlet,07450,hamlet,2025-07-01,,,,
07450-TH,Trường Tiểu học,school,07450,school,,,,,
99998,Xã Mẫu,commune,24,demo_commune,,,,,
"""
)
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture
def tree(tmp_path):
    return load(tmp_path, PROVINCE)


def load(tmp_path, content, **more):
    path = tmp_path / "units.csv"
    path.write_text(content, "utf-8")
    return UnitTree.load(path, **more)


def faults(tmp_path, rows, **more):
    """The faults of a file with these rows, as "line: sentence"."""
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, HEADER + rows, **more)
    return [f"{fault.line}: {fault.message}" for fault in refused.value.faults]


def codes(units):
    return [unit.code for unit in units]


def test_a_unit_is_read_with_its_people_and_households(tree):
    unit = tree.get("07450", BEFORE)
    assert (unit.name, unit.level, unit.kind, unit.population, unit.households) == (
        "Xã Đông", "commune", "commune", 8123, 2000,
    )  # fmt: skip
    assert (unit.valid_from, unit.valid_to) == (None, BEFORE)
    assert tree.get("07450-01").population is None


def test_a_code_means_the_unit_of_the_day_asked_for(tree):
    assert tree.get("07450", BEFORE).name == "Xã Đông"
    assert tree.get("07450", AFTER).name == "Xã Đông Tây"
    assert tree.get("07450").name == "Xã Đông Tây"


def test_without_a_day_an_abolished_unit_is_still_found(tree):
    assert tree.get("213").name == "Huyện cũ"
    assert tree.find("213", AFTER) is None


def test_an_unknown_code_and_a_code_of_another_time_are_refused_in_words(tree):
    with pytest.raises(UsageError, match="«7450»"):
        tree.get("7450")
    with pytest.raises(UsageError, match="01/07/2025"):
        tree.get("213", AFTER)


def test_codes_are_text_and_every_code_ever_used_is_known(tree):
    assert "07450" in tree
    assert "213" in tree
    assert "7450" not in tree
    assert 7450 not in tree
    assert tree.codes >= {"24", "07450-TH"}
    assert len(tree) == 8


def test_children_are_those_of_the_day_in_the_order_of_the_file(tree):
    assert codes(tree.children("24", BEFORE)) == ["213", "99998"]
    assert codes(tree.children("24", AFTER)) == ["07450", "99998"]
    assert codes(tree.children("24")) == ["07450", "99998"]


def test_a_subtree_is_the_unit_then_all_below_it_parents_first(tree):
    assert codes(tree.subtree("24", BEFORE)) == ["24", "213", "07450", "07450-01", "07450-TH", "07451", "99998"]
    assert codes(tree.subtree("24")) == ["24", "07450", "07450-01", "07450-02", "07450-TH", "99998"]
    assert codes(tree.subtree("07450-02")) == ["07450-02"]


def test_a_subtree_of_one_kind_leaves_the_others_out(tree):
    assert codes(tree.subtree("24", kind="hamlet")) == ["07450-01", "07450-02"]
    assert codes(tree.subtree("07450", kind="commune")) == ["07450"]


def test_ancestors_begin_with_the_nearest(tree):
    assert codes(tree.ancestors("07450-01", BEFORE)) == ["07450", "213", "24"]
    assert codes(tree.ancestors("07450-01")) == ["07450", "24"]
    assert tree.ancestors("24") == ()


def test_roots_have_no_parent(tree):
    assert codes(tree.roots()) == ["24"]


def test_successors_lead_to_the_unit_that_stands_today(tree):
    assert [unit.name for unit in tree.successors("07451")] == ["Xã Đông Tây"]
    assert codes(tree.successors("213")) == ["24"]
    assert tree.successors("07450") == ()


def test_a_chain_of_successors_is_followed_to_its_end(tmp_path):
    tree = load(
        tmp_path, HEADER + "a,A,x,,k,,2019-12-31,b,,\nb,B,x,,k,2020-01-01,2024-12-31,c,,\nc,C,x,,k,2025-01-01,,,,\n"
    )
    assert codes(tree.successors("a")) == ["b", "c"]


def test_a_tree_may_be_twelve_deep(tmp_path):
    rows = "".join(f"u{n},U,level{n},{f'u{n - 1}' if n else ''},k,,,,,\n" for n in range(12))
    tree = load(tmp_path, HEADER + rows)
    assert codes(tree.subtree("u0")) == [f"u{n}" for n in range(12)]
    assert codes(tree.ancestors("u11")) == [f"u{n}" for n in range(10, -1, -1)]


def test_two_units_of_one_code_at_one_time_are_refused(tmp_path):
    [fault] = faults(tmp_path, "a,A,x,,k,,2025-06-30,,,\na,A2,x,,k,2025-06-30,,,,\n")
    assert fault.startswith("3: ")
    assert "dòng 2" in fault


def test_an_unknown_parent_is_refused(tmp_path):
    [fault] = faults(tmp_path, "a,A,x,zz,k,,,,,\n")
    assert "«zz»" in fault


def test_a_parent_that_is_not_there_all_the_time_is_refused_with_the_first_day_it_is_missing(tmp_path):
    [fault] = faults(tmp_path, "p,P,x,,k,,2025-06-30,,,\na,A,y,p,k,,,,,\n")
    assert fault.startswith("3: ")
    assert "2025-07-01" in fault


def test_a_parent_whose_versions_follow_each_other_without_a_gap_is_enough(tmp_path):
    tree = load(tmp_path, HEADER + "p,P,x,,k,,2025-06-30,,,\np,P2,x,,k,2025-07-01,,,,\na,A,y,p,k,,,,,\n")
    assert codes(tree.ancestors("a", BEFORE)) == ["p"]


def test_units_that_are_each_others_parents_are_refused_once(tmp_path):
    [fault] = faults(tmp_path, "a,A,x,c,k,,,,,\nb,B,x,a,k,,,,,\nc,C,x,b,k,,,,,\n")
    assert "→" in fault
    assert {*re.findall(r"\b[abc]\b", fault)} == {"a", "b", "c"}


def test_two_units_that_swap_places_over_time_are_no_circle(tmp_path):
    rows = "a,A,x,,k,,2019-12-31,,,\nb,B,x,a,k,,2019-12-31,,,\nb,B,x,,k,2020-01-01,,,,\na,A,x,b,k,2020-01-01,,,,\n"
    assert codes(load(tmp_path, HEADER + rows).subtree("b")) == ["b", "a"]


@pytest.mark.parametrize("code", ["1.0", "1E+05", "7,45E+03", "07 450", "xã"])
def test_a_code_that_a_spreadsheet_has_spoilt_is_refused(tmp_path, code):
    assert f"«{code}»" in faults(tmp_path, f'"{code}",A,x,,k,,,,,\n')[0]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("a,A,x,,k,2026-02-30,,,,", "2026-02-30"),
        ("a,A,x,,k,2026-01-02,2026-01-01,,,", "valid_to"),
        ("a,A,x,,k,,,,1.5,", "1.5"),
        ("a,A,x,,k,,,,,-3", "-3"),
        ("a,A,x,,k,,,,nhiều,", "nhiều"),
        ("a,,x,,k,,,,,", "name"),
        ("a,A,x,,,,,,,", "kind"),
        ("a,A,x,,k,,2026-01-01,zz,,", "zz"),
        ("a,A,x,,k,,,a,,", "valid_to"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, row, named):
    [fault] = faults(tmp_path, row + "\n")
    assert named in fault


def test_a_successor_that_ended_earlier_is_refused(tmp_path):
    [fault] = faults(tmp_path, "a,A,x,,k,,2026-01-01,b,,\nb,B,x,,k,,2025-01-01,,,\n")
    assert fault.startswith("2: ")


def test_all_faults_come_in_one_report_in_the_order_of_their_lines(tmp_path):
    found = faults(tmp_path, "a,,x,zz,k,x,,,,\nb,B,x,,k\nc,C,x,c,k,,,,,\n", language="en")
    assert [int(fault.partition(":")[0]) for fault in found] == [2, 2, 2, 3, 4]
    assert "is empty" in " ".join(found)


def test_a_file_with_another_header_or_none_or_no_rows_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="«code»"):
        load(tmp_path, "ma,ten\n1,2\n")
    with pytest.raises(ConfigError):
        load(tmp_path, HEADER)
    with pytest.raises(ConfigError):
        UnitTree.load(tmp_path / "nowhere.csv")


def test_a_file_saved_by_excel_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "units.csv"
    path.write_bytes(HEADER.encode() + "a,Tân,x,,k,,,,,\n".encode("cp1258"))
    with pytest.raises(ConfigError, match="UTF-8"):
        UnitTree.load(path)


def test_unknown_standing_communes_are_warned_of_but_never_invented_or_former_ones(tmp_path):
    tree = load(tmp_path, PROVINCE + "12345x,Xã Lạ,commune,24,commune,,,,,\n")
    assert tree.warnings == ()
    [warning] = tree.check_known_communes()
    assert "12345x" in warning
    assert tree.warnings == (warning,)


def test_a_commune_of_the_public_list_is_known_by_its_five_digits(tmp_path):
    rows = "07450,Xã Đông Phú,commune,,commune,,,,,\n7450,Mất số 0,commune,,commune,,,,,\n"
    [warning] = load(tmp_path, HEADER + rows).check_known_communes("en")
    assert "7450 (Mất số 0)" in warning
