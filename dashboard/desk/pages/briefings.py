"""The briefings: this period's report as it reads, the office's own words, files, mails, and all kept editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.briefing import not_made
from dashboard.briefing.archive import fresh, opened
from dashboard.briefing.compose import OWN_WORDS
from dashboard.briefing.job import overdue
from dashboard.briefing.model import Report, Section, Table
from dashboard.briefing.not_made import trouble
from dashboard.briefing.web import action_path, file_path
from dashboard.briefing.writers import WRITERS
from dashboard.desk.shell import title_row, toolbar
from dashboard.desk.visit import Visit
from datasets.errors import OpsError
from datasets.periods import Period
from datasets.store.briefings import Kept, Mail, MailState
from datasets.vietnamese import moment

SHAPES = {MailState.SENT: "●", MailState.WAITING: "▲", MailState.SENDING: "▲", MailState.FAILED: "■"}
TONES = {MailState.SENT: "good", MailState.WAITING: "watch", MailState.SENDING: "watch", MailState.FAILED: "bad"}


def page(visit: Visit) -> Component:
    """Without a period in the address, the last whole week: the one a meeting is about."""
    visit = _of_last_week(visit)
    kept = visit.queries.store.briefings
    unit, period = visit.unit.code, visit.period.id
    last = kept.latest(unit, period)
    report = _report(visit, last)
    subtitle = f"{visit.unit.name} · {visit.period.label(visit.language)}"
    return html.Div(
        [
            title_row(visit, visit.text("desk.page.briefings"), subtitle),
            toolbar(visit, rules=False, compare=False),
            *_overdue(visit),
            *_warnings(visit, report),
            html.Div(
                [
                    _paper_or_why(visit, report),
                    html.Div(
                        [
                            _standing(visit, last) if isinstance(report, Report) else None,
                            _words(visit),
                            _archive(visit, kept.list(unit)),
                        ],
                        className="briefing-side",
                    ),
                ],
                className="briefing",
            ),
        ],
        className="page page-briefings",
    )


def _of_last_week(visit: Visit) -> Visit:
    if visit.address.period:
        return visit
    week = Period.of(visit.now.date(), visit.period.type).previous()
    return replace(visit, period=week)


def _report(visit: Visit, last: Kept | None) -> Report | OpsError:
    """The last edition, or the report as it would be now; where there is none to show, why."""
    try:
        return opened(last) if last else fresh(visit.queries, visit.unit.code, visit.period.id, visit.language)
    except Exception as fault:  # noqa: BLE001 - what stands beside the paper stays, whatever keeps it from being made
        return trouble(fault, "briefing not shown", unit=visit.unit.code, period=visit.period.id)


def _overdue(visit: Visit) -> list[Component]:
    """A week that the job should have made and has not: why, and how the mails that say so fared."""
    if not overdue(visit.queries, visit.unit.code, visit.period):
        return []
    kept = visit.queries.store.briefings
    word = kept.not_made(visit.unit.code, visit.period.id)
    period = visit.period.inside(visit.language)
    if word is None:
        said = visit.text("briefing.page.overdue", period=period)
    else:
        said = visit.text("briefing.page.not_made", period=period, why=not_made.opened(word).why)
    mails = kept.mails(word.id) if word else ()
    told = [html.Div(_mail(visit, mail), className=f"word-{TONES[mail.state]}") for mail in mails]
    return [html.Div([html.B("■ "), said, *told], className="notice", role="alert")]


def _warnings(visit: Visit, report: Report | OpsError) -> list[Component]:
    if isinstance(report, OpsError) or report.complete:
        return []
    said = " ".join(report.warnings)
    return [html.Div([html.B(f"▲ {visit.text('briefing.incomplete')}. "), said], className="notice", role="status")]


def _paper_or_why(visit: Visit, report: Report | OpsError) -> Component:
    if isinstance(report, OpsError):
        return html.Section(html.P(report.message(visit.language)), className="panel-card absent")
    return html.Section(_paper(report), className="panel-card paper")


# -- beside the paper --------------------------------------------------------------------


def _standing(visit: Visit, last: Kept | None) -> Component:
    """Which edition this is, its files, and how its mails fared."""
    unit, period = visit.unit.code, visit.period.id
    links = [
        html.A(form.upper(), href=file_path(unit, period, form, last.edition if last else None), className="unit-link")
        for form in WRITERS
    ]
    mails = visit.queries.store.briefings.mails(last.id) if last else ()
    again = visit.queries.settings.briefing.mail is not None and last is not None
    return html.Section(
        [
            html.H3(visit.text("briefing.page.this")),
            html.P(_edition(visit, last) if last else visit.text("briefing.page.not_kept")),
            html.Div(links, className="unit-links"),
            *(html.P(_mail(visit, mail), className=f"word-{TONES[mail.state]}") for mail in mails),
            html.Form(
                html.Button(visit.text("briefing.page.send_again"), type="submit", className="plain-button"),
                action=action_path("gui-lai", unit, period),
                method="post",
            )
            if again
            else None,
        ],
        className="panel-card",
    )


def _edition(visit: Visit, kept: Kept) -> str:
    said = visit.text(
        f"briefing.page.{kept.state.value}", edition=kept.edition, moment=moment(kept.made_at, visit.queries.zone)
    )
    return said if kept.complete else f"{said} {visit.text('briefing.incomplete')}."


def _mail(visit: Visit, mail: Mail) -> str:
    said = {"recipient": mail.recipient, "answer": mail.answer}
    at = mail.sent_at or mail.next_at
    said["moment"] = moment(at, visit.queries.zone) if at else ""
    return f"{SHAPES[mail.state]} {visit.text(f'briefing.page.mail.{mail.state.value}', **said)}"


def _words(visit: Visit) -> Component:
    """The office's own paragraphs, one field for each section; figures may change, these stay."""
    unit, period = visit.unit.code, visit.period.id
    written = visit.queries.store.briefings.words(unit, period)
    fields = []
    for name in OWN_WORDS:
        key = f"{name}.{visit.period.type.value}" if name == "tasks" else name
        label = visit.text(f"briefing.section.{key}", number="").strip(" .")
        fields += [
            html.Label(label, htmlFor=f"words-{name}"),
            dcc.Textarea(id=f"words-{name}", name=name, value="\n".join(written.get(name, ())), rows=2),
        ]
    return html.Section(
        [
            html.H3(visit.text("briefing.page.words")),
            html.P(visit.text("briefing.page.words_about"), className="faint"),
            html.Form(
                [
                    *fields,
                    html.Div(
                        [
                            html.Button(visit.text("briefing.page.save"), type="submit", className="plain-button"),
                            html.Button(
                                visit.text("briefing.page.issue"),
                                type="submit",
                                formAction=action_path("phat-hanh", unit, period),
                                className="plain-button strong",
                            ),
                        ],
                        className="buttons",
                    ),
                ],
                action=action_path("luu", unit, period),
                method="post",
                className="words",
            ),
        ],
        className="panel-card",
    )


def _archive(visit: Visit, lines: Sequence[Kept]) -> Component:
    rows = [
        html.Tr(
            [
                html.Td(dcc.Link(Period.parse(line.period).label(visit.language), href=visit.href(period=line.period))),
                html.Td(_edition(visit, line)),
                html.Td(
                    [
                        html.A(f"{form.upper()} ", href=file_path(line.unit, line.period, form, line.edition))
                        for form in WRITERS
                    ]
                ),
            ]
        )
        for line in lines
    ]
    return html.Section(
        [
            html.H3(visit.text("briefing.page.archive")),
            html.Table(html.Tbody(rows), className="table") if rows else html.P(visit.text("briefing.page.none_kept")),
        ],
        className="panel-card",
    )


# -- the paper ---------------------------------------------------------------------------


def _paper(report: Report) -> list[Component]:
    """The report as it reads; its layout is the files' business."""
    head = report.letterhead
    marks = " · ".join(filter(None, (head.draft, report.demo)))
    return [
        html.Div(
            [
                html.Div([html.B(head.superior), html.Br(), html.B(head.body)]),
                html.Div([html.B(head.motto[0]), html.Br(), html.B(head.motto[1])]),
            ],
            className="paper-head",
        ),
        html.Div([html.Span(marks), html.I(head.place_and_date)], className="paper-head"),
        html.H3([head.kind, html.Br(), head.summary], className="paper-title"),
        html.P(report.opening.text),
        *(_section(section) for section in report.sections),
        html.P(report.closing),
        *(_section(_named(annex)) for annex in report.annexes),
    ]


def _named(annex: Section) -> Section:
    """An annex with its name, which stands on a line of its own on paper, beside its number."""
    return replace(annex, heading=". ".join((annex.heading, *(table.title for table in annex.tables[:1]))))


def _section(section: Section) -> Component:
    heading = {1: html.H4, 2: html.H5, 3: html.H6}[section.level]
    return html.Div(
        [
            heading(section.heading),
            *(html.P(("- " if p.style == "item" else "") + p.text) for p in section.paragraphs),
            *(html.P(words, className="own-words") for words in section.own_words),
            *(
                part
                for table in section.paper_tables
                for part in (_table(table), html.P(table.note, className="faint"))
            ),
            *(html.P(f"{chart.title}: {chart.finding}", className="faint") for chart in section.charts),
            *(_section(each) for each in section.sections),
        ]
    )


def _table(table: Table) -> Component:
    aligns = ["right" if column.align == "right" else "" for column in table.columns]
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(c.title, className=a) for c, a in zip(table.columns, aligns, strict=True)])),
            html.Tbody(
                [
                    html.Tr([html.Td(cell.text, className=a) for cell, a in zip(row, aligns, strict=True)])
                    for row in table.on_paper
                ]
            ),
        ],
        className="table",
    )
