"""What the briefings page sends and fetches: files of a report, the office's words, issuing, mailing again."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dashboard.briefing.archive import issue, opened, shown
from dashboard.briefing.compose import OWN_WORDS
from dashboard.briefing.writers import MEDIA_TYPES, WRITERS
from dashboard.queries import EVERYONE, Queries
from datasets.errors import UsageError
from datasets.periods import Period

PATH = "/bao-cao-tuan"
MOST_LETTERS = 20_000
"""Of one section's own words."""


def file_path(unit: str, period: str, form: str, edition: int | None = None) -> str:
    """The address of a file: of a kept edition, or of the report as it would be now."""
    return f"{PATH}/tep/{unit}/{period}.{form}" + (f"?ban={edition}" if edition else "")


def action_path(what: str, unit: str, period: str) -> str:
    return f"{PATH}/{what}?{urlencode({'don-vi': unit, 'ky': period})}"


def mount_briefings(server: Flask, queries: Queries) -> None:
    """The addresses beside the page itself."""

    @server.get(f"{PATH}/tep/<unit>/<period>.<form>")
    def briefing_file(unit: str, period: str, form: str) -> Response:
        if form not in WRITERS:
            abort(404)
        unit, period = _asked(queries, unit, period)
        edition = request.args.get("ban", "")
        if edition:
            lines = [line for line in queries.store.briefings.list(unit) if line.period == period]
            kept = next((line for line in lines if str(line.edition) == edition), None)
            found = queries.store.briefings.get(kept.id) if kept else None
            if found is None:
                abort(404)
            report = opened(found)
        else:
            report = shown(queries, unit, period)[0]
        response = Response(WRITERS[form](report), content_type=MEDIA_TYPES[form])
        response.headers["Content-Disposition"] = f'attachment; filename="{report.file_name}.{form}"'
        response.headers["Cache-Control"] = "no-store"
        return response

    @server.post(f"{PATH}/luu")
    def save_words() -> AnyResponse:
        unit, period = _posted(queries)
        _save(queries, unit, period)
        return _back(unit, period)

    @server.post(f"{PATH}/phat-hanh")
    def issue_briefing() -> AnyResponse:
        unit, period = _posted(queries)
        _save(queries, unit, period)
        issue(queries, unit, period, EVERYONE.name)
        return _back(unit, period)

    @server.post(f"{PATH}/gui-lai")
    def send_again() -> AnyResponse:
        unit, period = _posted(queries)
        kept, mail = queries.store.briefings.latest(unit, period), queries.settings.briefing.mail
        if kept is not None and mail is not None:
            queries.store.briefings.send_again(kept.id, mail.to)
        return _back(unit, period)


def _asked(queries: Queries, unit: str, period: str) -> tuple[str, str]:
    """A unit and a period that exist and have begun; 404 otherwise."""
    try:
        queries.check(EVERYONE, (unit,))
        parsed = Period.parse(period)
    except UsageError:
        abort(404)
    if parsed.start > queries.today():
        abort(404)
    return unit, parsed.id


def _posted(queries: Queries) -> tuple[str, str]:
    """Only our own page may post: a browser says where a form stood."""
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    if urlsplit(origin).netloc != request.host:
        abort(403)
    return _asked(queries, request.args.get("don-vi", ""), request.args.get("ky", ""))


def _save(queries: Queries, unit: str, period: str) -> None:
    words = {name: request.form[name][:MOST_LETTERS] for name in OWN_WORDS if name in request.form}
    queries.store.briefings.write_words(unit, period, words)


def _back(unit: str, period: str) -> AnyResponse:
    return redirect(f"{PATH}?{urlencode({'don-vi': unit, 'ky': period})}", code=303)
