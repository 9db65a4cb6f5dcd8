"""Forms for what no system gives: download, fill in, hand in, look, take.

Which request is looked at stands in the address (`viec`), so that a reload or another
person's screen shows the same preview. The scheduler's side does the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk.attributes import data
from dashboard.desk.pages.source import quarantine
from dashboard.desk.requests import counted, request_line, said
from dashboard.desk.source_card import source_card, when
from dashboard.desk.visit import Visit
from dashboard.source_files import form_path
from datasets import uploads
from datasets.forms import TYPED, FormColumn, forms
from datasets.messages import catalogue, text
from datasets.periods import Period
from datasets.schema.dataset import FieldType
from datasets.store.jobs import Job, Kind, State
from datasets.vietnamese import ABSENT, day, moment, number

HISTORY = 20
SIGNS = {"new": "+", "changed": "↻", "bad": "■"}


def entry(visit: Visit) -> Component:
    """Three steps; what is typed here stays while the page below moves."""
    every = forms()
    downloads = [
        html.A(
            [html.I(className="icon icon-sheet"), visit.text(f"desk.dataset.{dataset}")],
            href=form_path(dataset),
            className="form-link",
            download=f"bieu-nhap-{dataset}.xlsx",
        )
        for dataset in every
    ]
    choice = dmc.SegmentedControl(
        id="typed-dataset",
        value=next(iter(every)),
        data=[{"value": dataset, "label": visit.text(f"desk.dataset.{dataset}")} for dataset in every],
        size="sm",
    )
    upload = dcc.Upload(
        html.Div(
            [html.B(visit.text("desk.typed.drop")), html.Span(visit.text("desk.typed.limits"), className="faint")]
        ),
        id="typed-file",
        className="drop",
        className_active="drop drop-active",
        max_size=uploads.MOST_BYTES,
        accept=",".join(uploads.KINDS),
        multiple=False,
    )
    who = dmc.TextInput(id="typed-who", placeholder=visit.text("desk.typed.who_example"), size="sm", w="100%")
    return html.Section(
        [
            _step(visit, "1", [html.Div(downloads, className="form-links")]),
            _step(visit, "2", [choice, who]),
            _step(visit, "3", [upload]),
        ],
        className="panel-card steps",
    )


def _step(visit: Visit, place: str, parts: list[Component]) -> Component:
    return html.Div(
        [
            html.Div(
                [html.Span(place, className="step-number"), html.H3(visit.text(f"desk.typed.step.{place}"))],
                className="step-head",
            ),
            html.P(visit.text(f"desk.typed.about.{place}"), className="faint"),
            *parts,
        ],
        className="typed-step",
    )


def live(visit: Visit) -> list[Component | None]:
    """The request looked at, what was handed in before, and the rows that were set aside."""
    store = visit.queries.store
    job = store.jobs.get(visit.address.job) if visit.address.job else None
    standing = visit.queries.typed_standing(visit.language)
    return [
        _looked_at(visit, job) if job and job.source == TYPED else None,
        html.Div(
            source_card(visit, standing, visit.queries.source_days().get(TYPED, ()), link=False),
            className="source-list",
        )
        if standing.line.verdict
        else None,
        quarantine(visit, TYPED, replayable=False) if standing.waiting else None,
        _history(visit),
    ]


def _looked_at(visit: Visit, job: Job) -> Component:
    head = html.Div(
        [
            html.H3(visit.text(f"desk.typed.{job.kind.value}_title", file=job.payload.get("name", ""))),
            html.Span(visit.text("desk.typed.by", by=job.asked_by), className="faint"),
            html.Span(className="spring"),
            dcc.Link(visit.text("desk.typed.close"), href=visit.href(job=None), className="download"),
        ],
        className="section-head",
    )
    return html.Section(
        [head, *_answer(visit, job)], className="panel-card preview", id="looked-at", **data(state=job.state.value)
    )


def _answer(visit: Visit, job: Job) -> list[Component | None]:
    if job.open:
        return [html.Div(said(visit, job), className="empty", role="status")]
    if job.state is State.FAILED:
        refused = text(job.result["error_key"], visit.language, **job.result["error_params"])
        return [html.Div([html.B("■ "), refused], className="notice notice-bad", role="alert")]
    if before := job.result.get("repeated"):
        return [html.Div([html.B("● "), _repeated(visit, before)], className="notice notice-calm", role="status")]
    if job.kind is Kind.ACCEPT:
        taken = visit.text("desk.typed.taken", counts=counted(visit, job.result["counts"]))
        return [html.Div([html.B("● "), taken], className="notice notice-good", role="status")]
    return _preview(visit, job)


def _repeated(visit: Visit, before: dict[str, str]) -> str:
    at = moment(datetime.fromisoformat(before["at"]), visit.queries.zone)
    return visit.text("desk.typed.repeated", moment=at, by=before["by"], file=before["name"])


def _preview(visit: Visit, job: Job) -> list[Component | None]:
    result = job.result
    counts = result["counts"]
    refused = result["refused"]
    changes = counts["new"] + counts["changed"]
    if refused:
        end: Component = html.Div(
            [html.B("■ "), text(refused["error_key"], visit.language, **refused["error_params"])],
            className="notice notice-bad",
        )
    elif not changes and not counts["quarantined"]:
        end = html.Div([html.B("● "), visit.text("desk.typed.nothing_new")], className="notice notice-calm")
    else:
        end = html.Div(
            [
                html.Button(
                    visit.text("desk.typed.accept", count=changes) if changes else visit.text("desk.typed.set_aside"),
                    id={"type": "accept", "job": job.id},
                    n_clicks=0,
                    className="action action-main",
                ),
                html.Span(visit.text("desk.typed.nothing_yet"), className="faint"),
            ],
            className="accept",
        )
    return [
        html.Div(
            [_count(visit, name, counts[name]) for name in ("new", "changed", "unchanged", "quarantined")],
            className="outcome",
        ),
        html.P(
            visit.text("connectors.unknown_columns", count=len(result["unknown"]), names=", ".join(result["unknown"])),
            className="source-notice",
        )
        if result["unknown"]
        else None,
        end,
        _bad(visit, result["bad"], counts["quarantined"], job.payload["dataset"]) if result["bad"] else None,
        _rows(visit, result["rows"], changes, job.payload["dataset"]) if result["rows"] else None,
    ]


def _count(visit: Visit, name: str, count: int) -> Component:
    tone = {"new": "good", "changed": "data", "quarantined": "bad"}.get(name, "none") if count else "none"
    return html.Div(
        [
            html.B(number(count, language=visit.language)),
            html.Span(visit.text(f"desk.typed.will.{name}")),
        ],
        className=f"outcome-count outcome-{tone}",
        **data(count=str(count), fate=name),
    )


def _bad(visit: Visit, bad: list[dict[str, Any]], count: int, dataset: str) -> Component:
    labels = {column.field.name: column.header for column in forms()[dataset].columns}
    words = catalogue(visit.language)
    rows = [
        html.Tr(
            [
                html.Td(refused["at"], className="no-wrap"),
                html.Td(labels.get(problem["field"], problem["field"]) or ABSENT, className="no-wrap"),
                html.Td(problem["value"] or ABSENT),
                html.Td(words.get(f"problem.{problem['code']}", problem["code"])),
            ]
        )
        for refused in bad
        for problem in refused["problems"]
    ]
    return _table(
        visit.text("desk.typed.bad", count=number(count, language=visit.language)),
        [visit.text(f"desk.typed.{head}") for head in ("place", "column", "value", "problem")],
        rows,
        "word-bad",
    )


def _rows(visit: Visit, steps: list[dict[str, Any]], count: int, dataset: str) -> Component:
    used = [
        column
        for column in forms()[dataset].columns
        if any(column.field.name in step["row"] or column.field.name in (step["was"] or {}) for step in steps)
    ]
    rows = [
        html.Tr(
            [
                html.Td(_sign(visit, step), className="no-wrap"),
                *(_cell(visit, column, step) for column in used),
            ]
        )
        for step in steps
    ]
    shown = visit.text("desk.typed.rows", shown=len(steps), count=number(count, language=visit.language))
    return _table(shown, ["", *(column.header for column in used)], rows, "")


def _sign(visit: Visit, step: dict[str, Any]) -> Component:
    fate = "changed" if step["was"] else "new"
    tone = "data" if step["was"] else "good"
    return html.Span([SIGNS[fate], " ", visit.text(f"desk.typed.is.{fate}")], className=f"word-{tone} fate")


def _cell(visit: Visit, column: FormColumn, step: dict[str, Any]) -> Component:
    name = column.field.name
    now = _shown(visit, column, step["row"].get(name))
    right = "right no-wrap" if column.field.type in (FieldType.NUMBER, FieldType.INTEGER) else ""
    was = _shown(visit, column, step["was"].get(name)) if step["was"] else now
    if was == now:
        return html.Td(now, className=right)
    return html.Td([html.S(was), " → ", html.B(now)], className=right or "no-wrap")


def _shown(visit: Visit, column: FormColumn, value: Any) -> str:
    """A value as people write it; codes of units and elements with their names."""
    name = column.field.name
    if value is None or value == "":
        return ABSENT
    if name == "element":
        element = visit.queries.catalogue.elements.get(value)
        return element.name[visit.language] if element else value
    match column.field.type:
        case FieldType.UNIT:
            unit = visit.queries.units.find(value)
            return f"{unit.name} ({value})" if unit else value
        case FieldType.PERIOD:
            return Period.parse(value).label(visit.language)
        case FieldType.NUMBER | FieldType.INTEGER:
            return number(value, language=visit.language)
        case FieldType.MOMENT | FieldType.DATE:
            return day(datetime.fromisoformat(value).astimezone(visit.queries.zone).date()) if "T" in value else value
        case _:
            words = column.words or {}
            return next((word for word, meaning in words.items() if meaning == value), str(value))


def _table(title: str, heads: Sequence[str], rows: Sequence[Component], tone: str) -> Component:
    return html.Div(
        [
            html.H4(title, className=tone),
            html.Div(
                html.Table(
                    [html.Thead(html.Tr([html.Th(head) for head in heads])), html.Tbody(rows)],
                    className="table compact",
                ),
                className="table-scroll",
            ),
        ],
        className="preview-table",
    )


def _history(visit: Visit) -> Component:
    """Who handed in what and when, and what became of it."""
    jobs = visit.queries.store.jobs.latest(Kind.ACCEPT, source=TYPED, limit=HISTORY)
    rows = [
        html.Tr(
            [
                html.Td(when(visit, job.asked_at), className="no-wrap"),
                html.Td(job.asked_by),
                html.Td(dcc.Link(job.payload.get("name", ""), href=visit.href(job=job.id))),
                html.Td(visit.text(f"desk.dataset.{job.payload['dataset']}")),
                html.Td(_end(visit, job)),
            ]
        )
        for job in jobs
    ]
    heads = [visit.text(f"desk.typed.{head}") for head in ("handed_in", "who", "file", "form", "became")]
    return html.Section(
        [
            html.Div(html.H3(visit.text("desk.typed.history")), className="section-head"),
            html.Div(
                html.Table(
                    [html.Thead(html.Tr([html.Th(head) for head in heads])), html.Tbody(rows)],
                    className="table compact",
                ),
                className="table-scroll",
            )
            if rows
            else html.Div(visit.text("desk.typed.no_history"), className="empty"),
        ],
        className="panel-card table-section",
        id="typed-history",
    )


def _end(visit: Visit, job: Job) -> Component:
    if before := job.result.get("repeated"):
        return html.Span(_repeated(visit, before), className="word-none")
    return request_line(visit, job)
