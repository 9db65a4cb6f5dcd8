"""The sources: who brings what, how fresh, how much, and why not when it is not."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.desk.shell import title_row
from dashboard.desk.visit import Visit
from dashboard.sources import SourceReport
from datasets.vietnamese import ABSENT, moment, number

TONE = {"fresh": "good", "late": "watch", "stale": "bad", "never": "none"}
SHAPES = {"fresh": "●", "late": "▲", "stale": "■", "never": "○"}
COUNTS = ("read", "new", "changed", "unchanged", "quarantined")


def page(visit: Visit) -> Component:
    reports = visit.queries.source_reports(visit.language)
    heads = ("source", "freshness", "verdict", "as_of", "last_success", *COUNTS, "waiting")
    table = html.Table(
        [
            html.Thead(
                html.Tr([html.Th(visit.text(f"desk.sources.{head}"), className=_align(head)) for head in heads])
            ),
            html.Tbody([row for report in reports for row in _rows(visit, report, len(heads))]),
        ],
        className="table",
    )
    return html.Div(
        [
            title_row(visit, visit.text("desk.page.sources"), visit.text("desk.sources.subtitle")),
            html.Section(table, className="panel-card table-card")
            if reports
            else html.Section(visit.text("desk.sources.none"), className="panel-card absent"),
        ],
        className="page page-sources",
    )


def _align(head: str) -> str:
    return "right" if head in (*COUNTS, "waiting") else ""


def _rows(visit: Visit, report: SourceReport, columns: int) -> list[Component]:
    """One line of figures, and beneath it the reason in words."""
    line, state = report.line, report.state
    kind = visit.text(
        "desk.sources.kind",
        dataset=visit.text(f"desk.dataset.{report.dataset}"),
        connector=visit.text(f"desk.connector.{report.connector}"),
    )
    verdict = visit.text(f"desk.verdict.{line.verdict.value}") if line.verdict else ABSENT
    return [
        html.Tr(
            [
                html.Td([html.B(state.title), html.Div(kind, className="faint")]),
                html.Td(
                    f"{SHAPES[state.freshness]} {visit.text(f'desk.freshness.{state.freshness}')}",
                    className=f"word-{TONE[state.freshness]} no-wrap",
                ),
                html.Td(visit.text("desk.sources.running") if line.running else verdict),
                html.Td(_when(visit, state.as_of), className="no-wrap"),
                html.Td(_when(visit, state.last_success), className="no-wrap"),
                *(html.Td(number(getattr(line, name), language=visit.language), className="right") for name in COUNTS),
                html.Td(number(report.waiting, language=visit.language), className="right"),
            ],
            className="source",
        ),
        html.Tr(
            html.Td(
                [
                    state.sentence,
                    html.Span(f" {visit.text('desk.sources.contact', contact=report.contact)}", className="faint")
                    if report.contact
                    else None,
                ],
                colSpan=columns,
                className="reason",
            )
        ),
    ]


def _when(visit: Visit, at: object) -> str:
    return moment(at, visit.queries.zone) if at is not None else ABSENT  # type: ignore[arg-type]
