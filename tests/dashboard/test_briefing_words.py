"""What a briefing says, counted by hand from the invented commune (invented_commune.py)."""

from datetime import date, datetime, timedelta

import pytest
from english import left_in_vietnamese
from invented_commune import CONFIG, UNITS, ZONE, deliver, dossier, fill

from dashboard.briefing.brief import Brief
from dashboard.briefing.compose import compose
from dashboard.briefing.letterhead import kind_and_place
from dashboard.briefing.model import Figure, as_json, from_json
from dashboard.briefing.phrases import against_target, how_far
from dashboard.open_queries import open_queries
from dashboard.present import with_unit
from datasets.indicators.calculate import Request
from datasets.periods import Period
from datasets.schema.dataset import Context

MONDAY = "2026-11-23T06:30:00+07:00"


def house(folder, now=MONDAY, filled=True):
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    queries = open_queries(folder / "config.yaml", {"IOC_NOW": now})
    if filled:
        fill(queries.store, queries.settings, queries.calendar, queries.clock)
    return queries


@pytest.fixture
def queries(tmp_path):
    opened = house(tmp_path)
    yield opened
    opened.store.close()


@pytest.fixture
def report(queries):
    return compose(queries, "98001", "2026W47")


def sections(report):
    found = {}

    def walk(each):
        found[each.id] = each
        for inner in each.sections:
            walk(inner)

    for each in (*report.sections, *report.annexes):
        walk(each)
    return found


def said(section):
    return " ".join(paragraph.text for paragraph in section.paragraphs)


def test_a_day_s_report_is_of_a_day_and_a_week_s_says_its_days(queries, report):
    day = compose(queries, "98001", "20261120")
    assert day.letterhead.summary == "Kết quả công tác ngày 20/11/2026 và nhiệm vụ trọng tâm ngày 21/11/2026"
    opening = "Ủy ban nhân dân xã Bình Minh báo cáo kết quả công tác"
    assert day.opening.text.startswith(f"{opening} ngày 20/11/2026 và nhiệm vụ trọng tâm ngày 21/11/2026 như sau:")
    assert report.opening.text.startswith(
        f"{opening} tuần 47/2026 (từ ngày 16/11/2026 đến ngày 22/11/2026) và nhiệm vụ trọng tâm tuần 48/2026 như sau:"
    )


def test_the_three_sentences_on_dossiers_say_the_numbers_counted_by_hand(report):
    # received 6 against 2 of week 46; online A1 A2 A5; carried over B2, so 7 in hand; resolved A1 A2 A3, late A3;
    # pending on Sunday night A4 A5 A6 B2, overdue A5 and B2
    told = said(sections(report)["public_services"])
    assert "Trong tuần tiếp nhận 6 hồ sơ thủ tục hành chính, tăng 4 hồ sơ so với tuần 46/2026" in told
    assert "trong đó nộp trực tuyến 3 hồ sơ, chiếm 50%, đạt mục tiêu 50%" in told
    assert "Cùng với 1 hồ sơ từ kỳ trước chuyển sang, tổng số phải giải quyết là 7 hồ sơ." in told
    assert "Đã giải quyết 3 hồ sơ, tăng 2 hồ sơ so với tuần 46/2026; trong đó đúng hạn và trước hạn 2 hồ sơ" in told
    # 2 of 3 against 1 of 1: too few to be compared
    assert "đạt 66,7%, thấp hơn mục tiêu 98% là 31,3 điểm phần trăm." in told
    assert "Đến hết tuần còn 4 hồ sơ đang giải quyết, trong đó 2 hồ sơ quá hạn, chiếm 50%" in told


def test_the_cause_names_the_field_and_no_hamlet_for_a_single_case(report):
    told = said(sections(report)["causes"])
    # overdue: A5 and B2 are both Đất đai; one in each hamlet
    assert "Hồ sơ đang giải quyết đã quá hạn (2 hồ sơ): tập trung ở lĩnh vực Đất đai với 2 hồ sơ (100%)" in told
    assert "Thôn" not in told.split("Hồ sơ đang giải quyết đã quá hạn")[1].split(".")[0]


def test_the_tasks_count_what_is_overdue_and_what_falls_due_next_week(report):
    told = said(sections(report)["tasks"])
    assert "Giải quyết dứt điểm 2 hồ sơ quá hạn (Phụ lục I)" in told
    assert (
        "Giải quyết đúng hạn 1 hồ sơ đến hạn trong tuần 48/2026 (Phụ lục II)." in told
    )  # A6 on 27/11; A4 is due 30/11


def test_the_annex_lists_overdue_dossiers_by_code_with_working_days(report):
    rows = sections(report)["overdue_dossiers"].tables[0].rows
    # B2 was due Monday 16/11: Tuesday to Friday are 4 working days; A5 was due Thursday 19/11: Friday is 1
    assert [(row[1].text, row[5].number) for row in rows] == [("B2", 4), ("A5", 1)]


def test_every_number_of_a_sentence_is_the_one_that_values_gives(queries, report):
    figures = [f for f in report.figures if f.by is None]
    assert len({f.indicator for f in figures}) > 10
    for figure in figures:
        asked = Request((figure.indicator,), (figure.unit,), (Period.parse(figure.period),))
        (value,) = queries.values(asked)
        assert (figure.value, figure.numerator, figure.denominator, figure.sources) == (
            value.value, value.numerator, value.denominator, value.sources,
        )  # fmt: skip


def test_a_sentence_with_a_number_knows_where_it_is_from(report):
    for section in sections(report).values():
        for paragraph in section.paragraphs:
            for sentence in paragraph.sentences:
                if section.id in ("public_services", "faults", "causes") and any(map(str.isdigit, sentence.text)):
                    assert sentence.figures, sentence.text
                    assert all(isinstance(figure, Figure) for figure in sentence.figures)


def test_the_same_data_give_the_same_report_and_json_gives_it_back(queries, report):
    again = compose(queries, "98001", "2026W47")
    assert as_json(again) == as_json(report)
    assert from_json(as_json(report)) == report


def test_a_week_with_nothing_reads_well(tmp_path):
    queries = house(tmp_path, "2026-12-07T06:30:00+07:00")
    told = said(sections(compose(queries, "98001", "2026W49"))["public_services"])
    assert "Trong tuần không tiếp nhận hồ sơ thủ tục hành chính nào." in told
    assert "Trong tuần chưa giải quyết xong hồ sơ nào." in told
    assert "None" not in told and "—" not in told
    queries.store.close()


def test_a_week_without_documents_says_none_and_not_0(tmp_path):
    queries = house(tmp_path)
    arrived = datetime(2026, 11, 10, 8, tzinfo=ZONE)
    row = {"unit": "98001", "direction": "in", "register_year": 2026, "register_number": "1", "arrived_at": arrived,
           "done_at": arrived, "status": "done"}  # fmt: skip
    context = Context(now=queries.clock(), time_zone=ZONE, calendar=queries.calendar)
    deliver(queries.store, context, "documents", "document", [row])
    told = said(sections(compose(queries, "98001", "2026W47"))["documents"])
    assert told.startswith("Trong tuần không tiếp nhận văn bản đến nào")
    assert "không ban hành văn bản đi nào" in told and " 0 văn bản" not in told.split(".")[0]
    queries.store.close()


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("dossiers", "1 dossier"),
        ("people", "1 person"),
        ("days", "1 working day"),
        ("pupils_per_class", "1 pupil per class"),
    ],
)
def test_english_knows_one_from_many(unit, one):
    assert with_unit(1.0, unit, "en") == one


def test_a_first_week_is_compared_with_nothing(tmp_path):
    queries = house(tmp_path)
    told = said(sections(compose(queries, "98001", "2026W46"))["public_services"])
    assert "tiếp nhận 2 hồ sơ thủ tục hành chính; trong đó nộp trực tuyến 1 hồ sơ, chiếm 50%" in told
    assert "so với" not in told
    queries.store.close()


def test_without_any_data_the_report_says_so_and_is_not_complete(tmp_path):
    queries = house(tmp_path, filled=False)
    made = compose(queries, "98001", "2026W47")
    assert not made.complete
    assert any("chưa có số liệu nào" in warning for warning in made.warnings)
    assert "hệ thống chưa có số liệu của lĩnh vực này" in said(sections(made)["public_services"])
    queries.store.close()


def test_a_source_that_stopped_on_friday_morning_is_said_and_makes_the_report_incomplete(tmp_path):
    queries = house(tmp_path, "2026-11-20T09:00:00+07:00")
    queries.store.close()
    later = house(tmp_path, MONDAY, filled=False)
    made = compose(later, "98001", "2026W47")
    assert not made.complete
    expected = "Số liệu của nguồn «Một cửa điện tử» mới đến 09:00 20/11/2026, chưa đủ cả kỳ báo cáo."
    assert expected in made.warnings
    assert expected in said(sections(made)["public_services"])  # the field says so itself
    later.store.close()


def test_a_report_on_the_running_week_says_until_when(tmp_path):
    queries = house(tmp_path, "2026-11-20T09:00:00+07:00")
    made = compose(queries, "98001", "2026W47")
    assert any("Kỳ báo cáo chưa kết thúc; số liệu tính đến 09:00 20/11/2026." in w for w in made.warnings)
    assert "Đến thời điểm báo cáo còn" in said(sections(made)["public_services"])
    assert "cùng 4 ngày làm việc đầu tuần 46/2026" in said(sections(made)["public_services"])
    queries.store.close()


def test_tet_week_is_said_and_not_compared(tmp_path):
    # Tết 2026: Monday 16/2 to Friday 20/2 are all days off
    queries = house(tmp_path, "2026-02-23T06:30:00+07:00", filled=False)
    row = dossier("T1|Hộ tịch|Thôn Đông|online|16|18|")
    row["received_at"], row["due_at"] = datetime(2026, 2, 10, 8, tzinfo=ZONE), date(2026, 3, 2)
    context = Context(now=queries.clock(), time_zone=ZONE, calendar=queries.calendar)
    deliver(queries.store, context, "one_stop", "dossier", [row])
    made = compose(queries, "98001", "2026W8")
    assert "Tuần 8/2026 là tuần nghỉ lễ, Tết, không có ngày làm việc" in made.opening.text
    assert "so với" not in said(sections(made)["public_services"]).split("Đến hết tuần")[0]
    queries.store.close()


@pytest.mark.parametrize(
    ("name", "kind", "place"),
    [
        ("Xã An Bình Đông", "Xã", "An Bình Đông"),
        ("Đặc khu Phú Quốc", "Đặc khu", "Phú Quốc"),
        ("Thành phố Hà Nội", "Thành phố", "Hà Nội"),
        ("Phường 12", "Phường", "12"),
    ],
)
def test_the_place_of_a_date_is_the_unit_s_name_without_what_it_is(name, kind, place):
    assert kind_and_place(name) == (kind, place)


def test_a_paper_goes_to_the_party_committee_of_its_own_level(queries, report):
    assert report.letterhead.recipients[0] == "- Thường trực Đảng ủy, HĐND xã;"
    assert compose(queries, "98", "2026W47").letterhead.recipients[0] == "- Thường trực Tỉnh ủy, HĐND tỉnh;"


def test_english_by_setting(queries):
    made = compose(queries, "98001", "2026W47", language="en")
    assert made.letterhead.kind == "REPORT"
    assert "6 dossiers received" in said(sections(made)["public_services"])
    (counted,) = [table for section in made.annexes for table in section.tables if table.id == "rules"]
    how = [cell.text for row in counted.rows for cell in row]
    assert any("Circular 01/2020/TT-VPCP" in cell for cell in how)
    assert [line for cell in how for line in left_in_vietnamese(cell, ())] == []


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (98.0, 97.4, "tăng 0,6 điểm phần trăm so với tuần 46/2026"),
        (98.0, 97.6, "tương đương tuần 46/2026"),
        (98.0, 98.0, "bằng tuần 46/2026"),
    ],
)
def test_a_rate_changes_from_half_a_point(queries, here, there, expected):
    brief = Brief.of(queries, queries.units.get("98001"), Period.parse("2026W47"), "vi", "06a")
    definition = queries.definition("ps_on_time_rate")
    assert how_far(brief, definition, here, there, "tuần 46/2026") == expected


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (103, 100, "tăng 3,0% so với tuần 46/2026"),
        (102, 100, "tương đương tuần 46/2026"),
        (12, 10, "tăng 2 hồ sơ so với tuần 46/2026"),
        (0, 3, "giảm 3 hồ sơ so với tuần 46/2026"),
    ],
)
def test_a_count_changes_in_percent_from_twenty_on_and_in_units_below(queries, here, there, expected):
    brief = Brief.of(queries, queries.units.get("98001"), Period.parse("2026W47"), "vi", "06a")
    assert how_far(brief, queries.definition("ps_received"), here, there, "tuần 46/2026") == expected


@pytest.mark.parametrize("period", ["202611", "2026Q4", "2026S2", "2026", "20261119"])
def test_other_periods_are_reported_on_too(queries, period):
    made = compose(queries, "98001", period)
    assert "tiếp nhận" in said(sections(made)["public_services"])
    assert "{" not in as_json(made).replace('{"', "")  # no parameter was left unfilled


@pytest.mark.parametrize(
    ("period", "opening", "received"),
    [
        (
            "202611",
            "Ủy ban nhân dân xã Bình Minh báo cáo kết quả công tác tháng 11/2026 (từ ngày 01/11/2026 đến ngày "
            "30/11/2026) và nhiệm vụ trọng tâm tháng 12/2026 như sau:",
            "Trong tháng tiếp nhận 8 hồ sơ thủ tục hành chính; trong đó nộp trực tuyến 4 hồ sơ, chiếm 50%",
        ),
        (
            "2026Q4",
            "Ủy ban nhân dân xã Bình Minh báo cáo kết quả công tác quý IV/2026 (từ ngày 01/10/2026 đến ngày "
            "31/12/2026) và nhiệm vụ trọng tâm quý I/2027 như sau:",
            "Trong quý tiếp nhận 8 hồ sơ thủ tục hành chính",
        ),
        (
            "2026S2",
            "Ủy ban nhân dân xã Bình Minh báo cáo kết quả công tác 6 tháng cuối năm 2026 (từ ngày 01/07/2026 đến "
            "ngày 31/12/2026) và nhiệm vụ trọng tâm 6 tháng đầu năm 2027 như sau:",
            "Trong 6 tháng tiếp nhận 8 hồ sơ thủ tục hành chính",
        ),
        (
            "2026",
            "Ủy ban nhân dân xã Bình Minh báo cáo kết quả công tác năm 2026 (từ ngày 01/01/2026 đến ngày "
            "31/12/2026) và nhiệm vụ trọng tâm năm 2027 như sau:",
            "Trong năm tiếp nhận 8 hồ sơ thủ tục hành chính",
        ),
    ],
)
def test_longer_periods_read_as_their_own(queries, period, opening, received):
    made = compose(queries, "98001", period)
    assert made.opening.text.startswith(opening)
    assert received in said(sections(made)["public_services"])


def test_a_backlog_that_grows_for_three_weeks_is_told_with_the_figures_behind_it(tmp_path):
    queries = house(tmp_path, filled=False)
    # one dossier more becomes overdue in each of weeks 44 to 47
    rows = []
    for number, (received, due) in enumerate(((19, 28), (26, 35), (33, 42), (40, 49))):
        row = dossier(f"S{number}|Đất đai||direct|1|2|")
        start = datetime(2026, 10, 1, 8, tzinfo=ZONE)
        row["received_at"] = start + timedelta(days=received - 1)
        row["due_at"] = (start + timedelta(days=due - 1)).date()
        rows.append(row)
    context = Context(now=queries.clock(), time_zone=ZONE, calendar=queries.calendar)
    deliver(queries.store, context, "one_stop", "dossier", rows)
    section = sections(compose(queries, "98001", "2026W47"))["public_services"]
    sentence = next(s for p in section.paragraphs for s in p.sentences if "liên tiếp" in s.text)
    assert sentence.text == "Đây là tuần thứ 4 liên tiếp số hồ sơ quá hạn tăng."
    assert [figure.value for figure in sentence.figures] == [4, 3, 2, 1, 0]
    queries.store.close()


def test_no_citizen_or_free_text_comes_into_the_report(report):
    # free text and names of the source: the procedure's name of every dossier is one
    assert "Thủ tục" not in as_json(report).replace("Thủ tục hành chính", "")
    assert timedelta(0) == report.made_at.utcoffset() - timedelta(hours=7)


@pytest.mark.parametrize(
    ("told", "news"),
    [("2026W47", True), ("20261118", True), ("2026W46", False), ("202610", False), ("202611", False), ("2026", False)],
)
def test_a_figure_is_news_in_the_week_in_which_its_own_period_ended(queries, told, news):
    brief = Brief.of(queries, queries.units.get("98001"), Period.parse("2026W47"), "vi", "06a")
    brief.load(("ps_received",))
    assert brief.is_new(brief.value("ps_received")._replace(period_of_value=told)) is news


@pytest.mark.parametrize(("target", "expected"), [(50.0, "đạt mục tiêu 50%"), (40.0, "vượt mục tiêu 40%")])
def test_more_than_the_target_is_said_to_be_more(queries, target, expected):
    brief = Brief.of(queries, queries.units.get("98001"), Period.parse("2026W47"), "vi", "06a")
    brief.load(("ps_online_rate",))
    assert against_target(brief, brief.value("ps_online_rate")._replace(target=target)) == expected


def test_what_is_told_as_a_shortcoming_is_not_told_as_a_result_too(report):
    found = sections(report)
    results = {p.text for name in ("public_services", "documents", "education") for p in found[name].paragraphs}
    assert results.isdisjoint(p.text for p in found["faults"].paragraphs)


def test_two_figures_of_the_same_dossiers_do_not_tell_their_causes_twice(report):
    from_whom = [p.text.partition(": ")[2] for p in sections(report)["causes"].paragraphs]
    assert len(from_whom) == len(set(from_whom))


def test_a_year_is_compared_with_the_year_before_in_one_column(queries):
    (table,) = sections(compose(queries, "98001", "2026"))["public_services"].tables
    heads = [column.title for column in table.columns]
    assert "Năm trước" in heads and "Cùng kỳ năm trước" not in heads
    assert {len(row) for row in table.rows} == {len(heads)}
