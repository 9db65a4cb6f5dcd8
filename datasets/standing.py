"""How a source stands, in words a clerk understands: said once, for pages, API and commands alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from datasets.forms import TYPED
from datasets.freshness import Freshness, freshness
from datasets.messages import text
from datasets.schedule import next_run
from datasets.settings import Reconcile, Settings, Source, SourceBase
from datasets.store import Drift, Reconciled, Store
from datasets.store.heartbeat import silent
from datasets.store.lines import TROUBLE, SourceLine, Verdict
from datasets.store.refused_files import RefusedFile, refused_files
from datasets.store.roll_call import Called, roll_call
from datasets.validate import MOST_QUARANTINED_SHARE
from datasets.vietnamese import ABSENT, moment, number

FATES = ("read", "new", "changed", "unchanged", "duplicates", "quarantined")
MANY_FAILURES = 3
"""Bad runs in a row after which a person is told to act (failures.md R3)."""
CREDENTIALS = {
    *("pull.token_refused", "pull.unauthorised", "pull.forbidden", "pull.login_page", "pull.envelope_refused"),
    "sql.refused",
}
"""Errors that waiting does not mend: an account or a right is gone."""
REMEMBERED = timedelta(days=14)
"""So long a refused file is told of, unless one of its name is taken."""
_NO_PROMISE = timedelta(days=36500)


@dataclass(frozen=True, slots=True)
class Standing:
    """A source's state with the ledger's line.

    waiting    records in quarantine now, of all pulls
    vanished   rows held that the source no longer gives
    failures   runs in a row that ended badly; 0 when the last one was good
    as_of      moment for which the data are known; an empty folder confirms nothing, so its age goes on.
               next_run None for what is not scheduled, and while the scheduler is silent: nobody would keep it
    why        a sentence about the present trouble, or None
    sentence   "Số liệu đến 08:15 20/11/2026", and since when and why there is nothing newer
    todo       what a person should do now, and whom to call
    notices    refused files, drift, the last comparison with the source, rows that vanished
    refused    files of its folder that were refused and have not come again since
    """

    name: str
    title: str
    dataset: str
    connector: str
    contact: str | None
    line: SourceLine
    waiting: int
    vanished: int
    failures: int
    freshness: Freshness
    as_of: datetime | None
    next_run: datetime | None
    why: str | None
    sentence: str
    todo: str
    notices: tuple[str, ...]
    refused: tuple[RefusedFile, ...] = ()

    @property
    def verdict(self) -> str:
        """ "running", "never", or the verdict of the last pull that ended; "partial" while refused files wait."""
        if self.refused and self.line.verdict not in TROUBLE:
            return Verdict.PARTIAL.value
        return verdict_of(self.line)

    @property
    def verdict_word(self) -> str:
        """The key of the verdict's word."""
        return "source.verdict.file_refused" if self.refused else f"source.verdict.{self.verdict}"


def verdict_of(line: SourceLine) -> str:
    if line.verdict is None:
        return "running" if line.running else "never"
    return line.verdict.value


def standings(store: Store, settings: Settings, now: datetime, language: str) -> tuple[Standing, ...]:
    """Every source of the configuration, in its order."""
    with store.engine.connect() as connection:
        return standings_on(connection, settings, now, language)


def standings_on(connection: sa.Connection, settings: Settings, now: datetime, language: str) -> tuple[Standing, ...]:
    """The same for who has a connection already, as a page in the making."""
    since = now - REMEMBERED
    called = roll_call(connection, list(settings.sources), since)
    folders = [name for name, source in settings.sources.items() if called[name].refused and is_folder(source)]
    refused = refused_files(connection, folders, since) if folders else {}
    return tuple(
        _standing(settings, source, called[name], refused.get(name, ()), now, language)
        for name, source in settings.sources.items()
    )


def typed_standing(store: Store, settings: Settings, now: datetime, language: str) -> Standing:
    """What people typed into forms, as a source among the others: without a schedule or a promise."""
    line = store.ledger.status(TYPED)
    waiting = store.quarantine.count(TYPED)
    return Standing(
        name=TYPED,
        title=text("typed.title", language),
        dataset="",
        connector=TYPED,
        contact=None,
        line=line,
        waiting=waiting,
        vanished=0,
        failures=0,
        freshness=freshness(None, _NO_PROMISE, line.as_of, now, settings.centre.time_zone),
        as_of=line.as_of,
        next_run=None,
        why=_why(line, language),
        sentence=_sentence(line, "fresh", settings, language, now),
        todo=text("source.todo.typed_waiting", language, count=waiting)
        if waiting
        else text("source.todo.typed", language),
        notices=(),
    )


def told(store: Store, settings: Settings, now: datetime, language: str, *, stands_still: bool) -> list[dict[str, Any]]:
    """Every source for programs, as `connectors status --format json` and /api/v1/sources say it.

    Moments are in the centre's zone; what is unknown is None.

    stands_still   the clock is held, so nothing is due
    rows           of this source, that the store holds
    quarantined    records waiting to be put right
    why            a sentence about the present trouble, or None; sentence, todo: as on the pages
    drift          how the export of the last pull differed from its field map (datasets.store.Drift)
    vanished       rows held that the source no longer gives
    refused_files  files of the folder that were refused and have not come again since, the newest first
    reconciled     what the last comparison with the source found (datasets.store.Reconciled), and when
    scheduler_last_seen, scheduler_silent   of the store's scheduler, seen from this process
    """
    zone, seen = settings.centre.time_zone, store.heartbeats.last()

    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(zone) if at else None

    return [
        {
            "source": standing.name,
            "title": standing.title,
            "dataset": standing.dataset,
            "verdict": "running" if standing.line.running else standing.verdict,
            "last_success": local(standing.line.last_success),
            "last_attempt": local(standing.line.last_attempt),
            "next_run": None if stands_still else local(standing.next_run),
            "bookmark": local(datetime.fromisoformat(standing.line.bookmark)) if standing.line.bookmark else None,
            "as_of": local(standing.line.as_of),
            "rows": store.rows_of(standing.dataset, standing.name),
            "quarantined": standing.waiting,
            "freshness": standing.freshness,
            "since": local(standing.line.since),
            "why": standing.why,
            "sentence": standing.sentence,
            "todo": standing.todo,
            "contact": standing.contact,
            "failures": standing.failures,
            "last_pull": {fate: getattr(standing.line, fate) for fate in FATES},
            "drift": [asdict(found) for found in standing.line.drift],
            "vanished": standing.vanished,
            "refused_files": [{"file": each.name, "at": local(each.at)} for each in standing.refused],
            "notices": list(standing.notices),
            "reconciled": asdict(standing.line.reconciled) if standing.line.reconciled else None,
            "reconciled_at": local(standing.line.reconciled_at),
            "scheduler_last_seen": local(seen),
            "scheduler_silent": silent(seen, now),
        }
        for standing in standings(store, settings, now, language)
    ]


def title_of(source: Source, language: str) -> str:
    """The source's name for people; its key where the configuration gives none."""
    return source.title.get(language) or source.title.get("vi") or source.name


def is_folder(source: SourceBase) -> bool:
    """Whether the source is a folder that files are dropped into."""
    return getattr(source, "path", None) is not None


def drift_sentences(drift: Sequence[Drift], language: str) -> list[str]:
    """How an export differed from its field map."""
    said = []
    come = [found for found in drift if found.kind == "new_column"]
    if come:
        names = ", ".join(f"{found.column} ({found.count})" for found in come)
        said.append(text("connectors.unknown_columns", language, count=len(come), names=names))
    for found in drift:
        if found.kind == "new_code":
            codes = ", ".join(f"«{code}» ({count})" for code, count in found.codes.items())
            said.append(text("connectors.new_codes", language, column=found.column, count=found.count, codes=codes))
        elif found.kind == "missing_column":
            said.append(text("connectors.column_gone", language, column=found.column))
    return said


def reconciled_sentence(found: Reconciled, language: str) -> str:
    """What a comparison with the source found, with its numbers."""
    said = [
        text(
            "connectors.reconciled" if found.differences else "connectors.reconciled_equal",
            language,
            held=found.held,
            missing=found.missing,
            stale=found.stale,
            vanished=found.vanished,
        )
    ]
    if found.unsure:
        said.append(text("connectors.reconciled_unsure", language, count=found.unsure))
    return " ".join(said)


def comparison_of(source: Source, zone: ZoneInfo, now: datetime, language: str) -> str:
    """Whether the source is compared with what is held, when and how far back; or why it cannot be."""
    folder = is_folder(source)
    if source.connector == "oneroster" and not folder:
        return text("connectors.no_reconcile.oneroster", language, source=title_of(source, language))
    if source.connector in ("files", "oneroster") or folder:
        return text("connectors.no_reconcile.folder", language, source=title_of(source, language))
    wanted: Reconcile | None = getattr(source, "reconcile", None)
    if wanted is None:
        return text("connectors.no_reconcile.unasked", language)
    following = next_run(wanted.schedule, zone, now)
    said = moment(following, zone) if following else ABSENT
    return text("connectors.reconciles", language, next=said, days=wanted.days)


def expectations_of(source: Source, usual: float | None, today: date, language: str) -> str:
    """What a delivery must look like to be believed, and what is usual on this weekday, where that is known."""
    expect = source.expect

    def said(condition: str, **params: object) -> str:
        return text(f"connectors.expects.{condition}", language, **params)

    def percent(share: float) -> str:
        return number(100 * share, language=language)

    conditions = [said("set_aside", share=percent(min(expect.max_quarantined_share, MOST_QUARANTINED_SHARE)))]
    if expect.min_rows:
        conditions.insert(0, said("least", count=number(expect.min_rows, language=language)))
    if expect.max_drop_share < 1:
        conditions.append(said("drop", share=percent(expect.max_drop_share)))
    if expect.wanted:
        conditions.append(said("wanted", columns=", ".join(expect.wanted)))
    sentences = [text("connectors.expects", language, conditions="; ".join(conditions))]
    if usual is not None:
        weekday = text(f"desk.weekday.{today.weekday()}", language)
        sentences.append(
            text("connectors.usual", language, weekday=weekday, count=number(round(usual), language=language))
        )
    elif expect.max_drop_share < 1:
        sentences.append(text("connectors.usual_unknown", language))
    return " ".join(sentences)


def notices_of(line: SourceLine, vanished: int, language: str, dataset: str) -> tuple[str, ...]:
    """What a person should know of a source beside its trouble."""
    said = drift_sentences([found for found in line.drift if found.kind != "missing_column"], language)
    if line.reconciled and line.reconciled.differences:
        said.append(reconciled_sentence(line.reconciled, language))
    if vanished:
        taken_back = dataset == "observation"  # a figure taken back is no figure; a case goes on
        key = "connectors.withdrawn_figures" if taken_back else "connectors.vanished"
        said.append(text(key, language, count=vanished))
    return tuple(said)


def _standing(
    settings: Settings,
    source: Source,
    called: Called,
    refused: tuple[RefusedFile, ...],
    now: datetime,
    language: str,
) -> Standing:
    zone, line = settings.centre.time_zone, called.line
    waiting, vanished, unattended = called.waiting, called.vanished[source.dataset], silent(called.seen, now)
    fresh = freshness(source.schedule, source.stale_after, line.as_of, now, zone)
    following = None if unattended else next_run(source.schedule, zone, now)
    todo = _todo(line, waiting, called.failures, fresh, refused)
    return Standing(
        name=source.name,
        title=title_of(source, language),
        dataset=source.dataset,
        connector=source.connector,
        contact=source.contact,
        line=line,
        waiting=waiting,
        vanished=vanished,
        failures=called.failures,
        freshness=fresh,
        as_of=line.as_of,
        next_run=following,
        why=_why(line, language),
        sentence=_sentence(line, fresh, settings, language, now),
        todo=text(
            f"source.todo.{'late' if unattended and todo == 'failed' else todo}",
            language,
            contact=source.contact or text("source.contact_unknown", language),
            count=waiting,
            next=moment(following, zone) if following else "—",
            since=moment(line.since, zone) if line.since else "",
            days=REMEMBERED.days,
        ),
        notices=(*_refusals(refused, line, zone, language), *notices_of(line, vanished, language, source.dataset)),
        refused=refused,
    )


def _refusals(refused: Sequence[RefusedFile], line: SourceLine, zone: ZoneInfo, language: str) -> list[str]:
    """Each refused file by its name, with the reason where the present trouble does not say it."""
    said = []
    for file in refused:
        reason = text(file.error_key, language, **file.error_params)
        here = file.error_key == line.error_key and file.error_params == line.error_params
        key = "source.file_refused_now" if here else "source.file_refused"
        said.append(text(key, language, file=file.name, moment=moment(file.at, zone), reason=reason))
    return said


def _todo(line: SourceLine, waiting: int, failures: int, fresh: Freshness, refused: Sequence[RefusedFile]) -> str:
    if line.verdict is None:
        return "never"
    if line.error_key in CREDENTIALS:
        return "credentials"
    if line.verdict is Verdict.FAILED:
        return "failed_long" if failures >= MANY_FAILURES or fresh in ("late", "stale") else "failed"
    if refused and line.verdict is not Verdict.EMPTY_SUSPECT:
        return "file_refused"
    if line.verdict in TROUBLE:
        return line.verdict.value
    if waiting:
        return "waiting"
    if fresh != "fresh":
        return "unfed" if line.verdict is Verdict.EMPTY_EXPECTED else "late"
    return "nothing"


def _why(line: SourceLine, language: str) -> str | None:
    return text(line.error_key, language, **line.error_params) if line.error_key else None


def _sentence(line: SourceLine, fresh: Freshness, settings: Settings, language: str, now: datetime) -> str:
    zone = settings.centre.time_zone
    if line.as_of is None:
        said = [text("panel.source.never", language)]
    else:
        said = [text("panel.source.until", language, moment=moment(line.as_of, zone))]
    if line.error_key:
        reason = text(line.error_key, language, **line.error_params).rstrip(".")
        since = moment(line.since, zone) if line.since else ""
        said.append(text("panel.source.trouble", language, reason=reason, since=since))
    elif fresh in ("late", "stale") and line.as_of is not None:
        said += [text("panel.source.silent", language), silent_for(now - line.as_of, language)]
    return " ".join(said)


def silent_for(silence: timedelta, language: str) -> str:
    """How long nothing has come, in whole days, or hours below two days, or minutes below two hours."""
    if silence >= timedelta(days=2):
        return text("source.silence_days", language, count=silence.days)
    if silence < timedelta(hours=2):
        return text("source.silence_minutes", language, count=int(silence.total_seconds() // 60))
    return text("source.silence_hours", language, count=int(silence.total_seconds() // 3600))
