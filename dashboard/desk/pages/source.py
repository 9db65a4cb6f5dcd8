"""One source's own section: its line, its runs, how its export drifted, what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk.requests import request_line
from dashboard.desk.source_card import COUNTS, SHAPES, source_card, when
from dashboard.desk.visit import Visit
from dashboard.set_aside import Complaint, complaints, kinds
from dashboard.source_files import list_path
from datasets.messages import catalogue, text
from datasets.standing import comparison_of, drift_sentences, expectations_of, is_folder, reconciled_sentence
from datasets.store.jobs import Kind
from datasets.store.lines import TROUBLE, PullLine, Verdict
from datasets.store.refused_files import file_of
from datasets.vietnamese import ABSENT, number

RUNS = 40
SHOWN = 200
NOTHING = (Verdict.OK_UNCHANGED, Verdict.EMPTY_EXPECTED)
ALIKE = (*NOTHING, Verdict.OK_CHANGED)
"""Runs that are told together while they follow one another on a day."""


def live(visit: Visit, name: str) -> list[Component | None]:
    """The section; a sentence for a source that the configuration does not have."""
    standing = next((each for each in visit.queries.standings(visit.language) if each.name == name), None)
    if standing is None:
        known = ", ".join(visit.queries.settings.sources)
        said = visit.text("connectors.unknown_source", source=name, known=known)
        return [html.Section(html.P(said), className="panel-card absent")]
    days = visit.queries.source_days().get(name, ())
    return [
        html.Div(source_card(visit, standing, days, link=False), className="source-list"),
        *_promised(visit, name),
        quarantine(visit, name, replayable=True),
        runs(visit, name),
    ]


def _promised(visit: Visit, name: str) -> list[Component]:
    """What a delivery must look like, and whether the source is compared with what is held."""
    source = visit.queries.settings.sources.get(name)
    if source is None:  # typed by people
        return []
    now, zone = visit.queries.now(), visit.queries.zone
    usual = visit.queries.store.ledger.usual_at(name, now)
    sentences = (
        expectations_of(source, usual, now.astimezone(zone).date(), visit.language),
        comparison_of(source, zone, now, visit.language),
    )
    return [html.P(sentence, className="faint more") for sentence in sentences]


def quarantine(visit: Visit, name: str, *, replayable: bool) -> Component:
    """What was set aside and why: by kind, as a list, as a file; and once more when something was mended."""
    found = complaints(visit.queries, name, visit.language)
    wanted = visit.address.problem
    shown = [each for each in found if not wanted or each.code == wanted]
    asked = visit.queries.store.jobs.latest(Kind.REPLAY, source=name, limit=1)
    again = (
        html.Button(
            visit.text("desk.quarantine.replay"),
            id={"type": "replay", "source": name},
            n_clicks=0,
            className="action",
            disabled=bool(asked and asked[0].open),
            title=visit.text("desk.quarantine.replay_about"),
        )
        if replayable and (found or _refused_whole(visit, name))
        else None
    )
    href = list_path(name) + (f"?loi={wanted}" if wanted else "")
    return html.Section(
        [
            html.Div(
                [
                    html.H3(visit.text("desk.quarantine.title")),
                    html.Span(number(len(shown), language=visit.language), className="badge", id="quarantine-count"),
                    html.Span(className="spring"),
                    request_line(visit, asked[0]) if asked else None,
                    again,
                    html.A(visit.text("desk.records.download"), href=href, className="download") if found else None,
                ],
                className="section-head",
            ),
            _kinds(visit, found) if found else None,
            _complaints(visit, shown[:SHOWN])
            if shown
            else html.Div(visit.text("desk.quarantine.none"), className="empty"),
            html.P(visit.text("desk.quarantine.more", shown=SHOWN, count=len(shown)), className="faint more")
            if len(shown) > SHOWN
            else None,
        ],
        className="panel-card table-section",
    )


def _refused_whole(visit: Visit, name: str) -> bool:
    """Whether what the source answered last was refused, and is kept until it is tried again."""
    source = visit.queries.settings.sources.get(name)
    if source is None or is_folder(source):
        return False
    return visit.queries.store.ledger.status(name).verdict is Verdict.REFUSED


def _kinds(visit: Visit, found: Sequence[Complaint]) -> Component:
    wanted = visit.address.problem
    every = [
        dcc.Link(
            [f"{problem} ", html.B(number(count, language=visit.language))],
            href=visit.href(problem=None if code == wanted else code),
            className="kind kind-chosen" if code == wanted else "kind",
        )
        for code, problem, count in kinds(found)
    ]
    return html.Div(every, className="kinds")


def _complaints(visit: Visit, shown: Sequence[Complaint]) -> Component:
    heads = ("record", "row", "field", "problem", "value", "first_seen", "times")
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(visit.text(f"desk.quarantine.{head}")) for head in heads])),
                html.Tbody(
                    [
                        html.Tr(
                            [
                                html.Td(each.record, className="no-wrap"),
                                html.Td(each.row if each.row != each.record else ABSENT),
                                html.Td(field_label(visit, each.field), className="no-wrap"),
                                html.Td(each.problem),
                                html.Td(each.value or ABSENT),
                                html.Td(when(visit, each.first_seen), className="no-wrap"),
                                html.Td(number(each.times, language=visit.language), className="right"),
                            ]
                        )
                        for each in shown
                    ]
                ),
            ],
            className="table compact",
        ),
        className="table-scroll",
    )


def field_label(visit: Visit, name: str) -> str:
    """A canonical field in words; the source's own column as it is."""
    key = f"desk.column.{name}"
    return catalogue(visit.language).get(key, name) if name else ABSENT


def runs(visit: Visit, name: str) -> Component:
    """The last runs, the latest first; those that brought nothing new are one line while they follow one another."""
    since = visit.now - timedelta(days=30)
    lines = visit.queries.store.ledger.runs(name, since, limit=2000)
    heads = ("begun", "verdict", *COUNTS, "note")
    rows = [_run(visit, group) for group in _grouped(visit, lines)[:RUNS]]
    table = html.Table(
        [
            html.Thead(
                html.Tr(
                    [
                        html.Th(visit.text(f"desk.runs.{head}"), className="right" if head in COUNTS else "")
                        for head in heads
                    ]
                )
            ),
            html.Tbody(rows),
        ],
        className="table compact",
    )
    return html.Section(
        [
            html.Div([html.H3(visit.text("desk.runs.title"))], className="section-head"),
            html.Div(table, className="table-scroll")
            if rows
            else html.Div(visit.text("desk.runs.none"), className="empty"),
        ],
        className="panel-card table-section",
    )


def _grouped(visit: Visit, lines: Sequence[PullLine]) -> list[list[PullLine]]:
    def plain(line: PullLine) -> bool:
        return line.verdict in ALIKE and not (line.drift or line.note or line.reconciled)

    def alike(one: PullLine, other: PullLine) -> bool:
        days = {line.started_at.astimezone(visit.queries.zone).date() for line in (one, other)}
        return plain(one) and plain(other) and one.verdict is other.verdict and len(days) == 1

    groups: list[list[PullLine]] = []
    for line in lines:
        if groups and alike(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _run(visit: Visit, group: list[PullLine]) -> Component:
    line = group[0]
    tone = "bad" if line.verdict in TROUBLE else "watch" if line.verdict is Verdict.PARTIAL else "good"
    tone = "quiet" if line.verdict in NOTHING else "none" if line.verdict is Verdict.RUNNING else tone
    begun = when(visit, line.started_at)
    if len(group) > 1:
        begun = visit.text("desk.runs.several", count=len(group), last=begun, first=when(visit, group[-1].started_at))
    return html.Tr(
        [
            html.Td(begun, className="no-wrap" if len(group) == 1 else ""),
            html.Td(
                [f"{SHAPES[tone]} ", visit.text(f"source.verdict.{line.verdict}")], className=f"word-{tone} no-wrap"
            ),
            *(
                html.Td(number(sum(getattr(each, name) for each in group), language=visit.language), className="right")
                for name in COUNTS
            ),
            html.Td([html.Div(said) for said in _said(visit, line)], className="run-said"),
        ]
    )


def _said(visit: Visit, line: PullLine) -> list[str]:
    """Why it ended badly, how its export drifted, what a comparison found, and any note."""
    said = [text(line.error_key, visit.language, **line.error_params)] if line.error_key else []
    drift = drift_sentences([found for found in line.drift if found.kind != "missing_column"], visit.language)
    if line.reconciled:
        said.append(reconciled_sentence(line.reconciled, visit.language))
    note = line.note if line.note and not drift and not line.reconciled else None
    of = visit.queries.settings.sources.get(line.source)
    if drift and line.note and of is not None and is_folder(of):
        note = file_of(line.note)
    return [*said, *drift, *([note] if note else [])]
