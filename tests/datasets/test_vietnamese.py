"""Cleaning, matching, sorting and writing Vietnamese; every expectation typed by hand."""

import unicodedata
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.vietnamese import clean, day, fold, moment, number, parse_day, parse_number, sort_key

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def test_cleaning_joins_composed_and_decomposed_letters():
    decomposed = unicodedata.normalize("NFD", "Tiếp nhận hồ sơ")
    assert decomposed != "Tiếp nhận hồ sơ"
    assert clean(decomposed) == "Tiếp nhận hồ sơ"


@pytest.mark.parametrize(
    "written", ["  Mã\u00a0hồ  sơ ", "Mã\u200b hồ\u200d sơ", "\ufeffMã hồ\nsơ", "\u202aMã hồ sơ\u202c", "Mã hồ\u3000sơ"]
)
def test_cleaning_drops_invisible_marks_and_makes_all_spaces_one(written):
    assert clean(written) == "Mã hồ sơ"


@pytest.mark.parametrize(
    "written",
    [
        "Đường  Hồ Sơ",
        "ĐƯỜNG HỒ SƠ",
        "duong ho so",
        unicodedata.normalize("NFD", "đường hồ sơ"),
        "Đường\u00a0Hồ\u200bSơ",
    ],
)
def test_folding_forgets_case_tones_and_bars(written):
    assert fold(written).replace(" ", "") == "duonghoso"


@pytest.mark.parametrize("mark", ["\x00", "\x07", "\x7f", "\ud83d", "\u00ad", "\u2066"])
def test_cleaning_drops_what_a_database_would_choke_on_or_nobody_can_see(mark):
    assert clean(f"Hồ{mark} sơ") == "Hồ sơ"
    assert clean(f"A{mark}B") == "AB"


def test_tabs_and_line_breaks_are_spaces():
    assert clean("a\tb\r\nc\u2028d") == "a b c d"


def test_folding_keeps_words_apart_and_digits():
    assert fold("Biểu II.06a/VPCP") == "bieu ii.06a/vpcp"


@given(st.text())
def test_cleaning_and_folding_twice_change_nothing_more(text):
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)


def test_names_sort_by_the_vietnamese_alphabet():
    names = ["Ý Yên", "Ấp Bắc", "Đông", "Dương", "An", "Ăn", "Ân", "Ơn", "Ôn", "On", "Ưng", "Ung", "Ê", "E", "Xã", "Ba"]
    assert sorted(names, key=sort_key) == [
        "An", "Ăn", "Ân", "Ấp Bắc", "Ba", "Dương", "Đông", "E", "Ê", "On", "Ôn", "Ơn", "Ung", "Ưng", "Xã", "Ý Yên",
    ]  # fmt: skip


def test_tones_run_ngang_huyen_hoi_nga_sac_nang():
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_letters_outweigh_tones_within_a_word_and_words_come_in_turn():
    assert sorted(["Hoà Bình", "Hoa Sen", "Hoá An"], key=sort_key) == ["Hoa Sen", "Hoà Bình", "Hoá An"]


def test_numbers_in_names_sort_as_numbers():
    assert sorted(["Thôn 10", "Thôn 2", "Thôn 1", "Thôn"], key=sort_key) == ["Thôn", "Thôn 1", "Thôn 2", "Thôn 10"]


@pytest.mark.parametrize(
    ("x", "decimals", "vietnamese", "english"),
    [
        (1234.5, None, "1.234,5", "1,234.5"),
        (1234, None, "1.234", "1,234"),
        (1234.0, None, "1.234", "1,234"),
        (1234567, None, "1.234.567", "1,234,567"),
        (96.25, 1, "96,3", "96.3"),
        (0.125, 2, "0,13", "0.13"),  # a half goes away from zero
        (2.5, 0, "3", "3"),
        (-2.5, 0, "-3", "-3"),
        (-0.04, 1, "0,0", "0.0"),
        (1000, 2, "1.000,00", "1,000.00"),
        (0.1 + 0.2, None, "0,3", "0.3"),
        (1e15, None, "1.000.000.000.000.000", "1,000,000,000,000,000"),
        (None, None, "—", "—"),
        (float("nan"), None, "—", "—"),
    ],
)
def test_numbers_as_people_write_them(x, decimals, vietnamese, english):
    assert number(x, decimals) == vietnamese
    assert number(x, decimals, "en") == english


def test_days_and_moments():
    assert day(date(2026, 7, 1)) == "01/07/2026"
    assert moment(datetime(2026, 11, 20, 1, 15, tzinfo=UTC), ZONE) == "08:15 20/11/2026"


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        moment(datetime(2026, 11, 20, 8, 15), ZONE)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.234,5", 1234.5),
        ("1234,5", 1234.5),
        ("12.345.678,09", 12345678.09),
        ("1.234", 1234),
        ("12.345.678", 12345678),
        ("12.5", 12.5),
        ("12.50", 12.5),
        ("0.123", 0.123),
        ("1234.567", 1234.567),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567),
        ("1,234", 1.234),
        ("0,75", 0.75),
        ("1 234 567", 1234567),
        ("1\u00a0234,5", 1234.5),
        (" 42 ", 42),
        ("-3,5", -3.5),
        ("\u22123", -3),
        ("+3", 3),
        ("007", 7),
    ],
)
def test_numbers_typed_into_vietnamese_sheets(written, read):
    assert parse_number(written) == read


@pytest.mark.parametrize(
    "written",
    ["", " ", "-", "5%", "12 hộ", "1.23.4", "1.234.56", "1,23,4", "1.234,5,6", "1,234.5.6", ".5", "5.", "--3", "1e3",
     "nan", "inf", "१२", "½", "20/11/2026", "1_000"],
)  # fmt: skip
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match="not a number"):
        parse_number(written)


@given(
    st.one_of(st.floats(-1e14, 1e14), st.integers(-(10**9), 10**9).map(lambda whole: whole / 2000)), st.integers(0, 4)
)
def test_a_number_is_rounded_as_its_written_decimals_are(x, decimals):
    written = Decimal(number(x, decimals, "en").replace(",", ""))
    assert written == Decimal(repr(x)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    assert written or number(x, decimals, "en")[0] != "-"


@given(st.integers(-(10**12), 10**12), st.integers(0, 3))
def test_a_number_written_in_vietnamese_is_read_back(whole, decimals):
    x = whole / 10**decimals
    assert parse_number(number(x, decimals)) == pytest.approx(x, rel=1e-15)


@pytest.mark.parametrize(
    ("written", "read"),
    [("2025-07-01", date(2025, 7, 1)), ("01/07/2025", date(2025, 7, 1)), ("1/7/2025", date(2025, 7, 1))],
)
def test_days_typed_both_ways(written, read):
    assert parse_day(written) == read


@pytest.mark.parametrize("written", ["", "30/02/2026", "2026-02-30", "20260201", "2026W05-1", "7/2026", "1-7-2025"])
def test_what_is_no_day_is_refused(written):
    with pytest.raises(ValueError):
        parse_day(written)
