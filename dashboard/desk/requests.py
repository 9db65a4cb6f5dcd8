"""How far a request is that a page handed over, in one line."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.desk.attributes import data
from dashboard.desk.visit import Visit
from datasets.messages import text
from datasets.standing import FATES
from datasets.store.jobs import Job, State
from datasets.vietnamese import moment, number

SIGNS = {State.WAITING: "…", State.RUNNING: "…", State.DONE: "●", State.FAILED: "■"}
TONES = {State.WAITING: "none", State.RUNNING: "none", State.DONE: "good", State.FAILED: "bad"}


def request_line(visit: Visit, job: Job) -> Component:
    """ "● Xong 09:15: đọc 12, mới 3, …", or why not."""
    return html.Span(
        [html.Span(SIGNS[job.state], className="shape"), said(visit, job)],
        className=f"request word-{TONES[job.state]}",
        role="status",
        **data(state=job.state.value),
    )


def said(visit: Visit, job: Job) -> str:
    at = moment(job.ended_at or job.started_at or job.asked_at, visit.queries.zone)
    match job.state:
        case State.FAILED:
            return text(job.result["error_key"], visit.language, **job.result["error_params"])
        case State.DONE:
            return visit.text("desk.request.done", moment=at, counts=counted(visit, job.result.get("counts", {})))
        case _:
            return visit.text(f"desk.request.{job.state.value}", moment=at)


def counted(visit: Visit, found: dict[str, int]) -> str:
    """ "đọc 3, mới 2, bị giữ 1": what there is none of is left out, but for what was read."""
    return ", ".join(
        f"{visit.text(f'desk.count.{name}')} {number(found.get(name, 0), language=visit.language)}"
        for name in FATES
        if found.get(name) or name == "read"
    )
