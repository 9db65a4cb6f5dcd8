"""What calls for direction, counted from the invented commune by hand (invented_commune.py)."""

from __future__ import annotations

from dashboard.directing import _pending, _silent, todos
from dashboard.panel import SourceState
from datasets.indicators.value import Status


def test_overdue_dossiers_are_told_by_count_worst_age_and_where_most_of_them_lie(queries):
    found = {todo.key: todo for todo in todos(queries, "98001", "vi")}
    overdue = found["overdue_dossier"]
    # A5 due Thursday 19/11 and B2 due Monday 16/11, both Đất đai; from Monday to Friday 20/11 are 4 working days
    assert (overdue.count, overdue.unit) == ("2", "hồ sơ")
    assert "Lâu nhất quá 4 ngày làm việc (hẹn 16/11/2026)" in overdue.detail
    assert overdue.status in (Status.WATCH, Status.BAD)
    assert overdue.sources == ("one_stop",)


def test_each_kind_of_work_that_can_be_late_is_looked_for(queries):
    found = {str(definition.numerator.dataset) for definition in _pending(queries, {"overdue": True})}
    assert found == {"dossier", "document", "petition"}
    assert {str(definition.numerator.dataset) for definition in _pending(queries, {})} == found


def test_a_source_that_missed_three_runs_calls_for_direction_though_its_data_are_fresh(queries):
    for failures, told in ((2, 0), (3, 1)):
        source = SourceState("one_stop", "Một cửa", "fresh", queries.now(), queries.now(), "Lỗi 500", failures)
        assert len(list(_silent((source,), "vi"))) == told


def test_nothing_of_a_person_or_a_record_is_told(queries):
    said = " ".join(f"{todo.title} {todo.detail}" for todo in todos(queries, "98001", "vi"))
    assert not any(code in said for code in ("A5", "B2"))


def test_a_commune_without_matters_has_none_of_its_own(queries):
    keys = {todo.key for todo in todos(queries, "98002", "vi")}
    assert keys <= {"sources"}


def test_the_worst_stands_first(queries):
    statuses = [todo.status for todo in todos(queries, "98001", "vi")]
    assert statuses == sorted(statuses, key=(Status.BAD, Status.WATCH).index)
