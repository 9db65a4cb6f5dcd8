"""Briefings as they were issued, the office's own words, and the mail that carries them.

A kept briefing never changes (failures.md R9): its report is the JSON it was made of,
with the SHA-256 of it. A later version is a further edition of the same unit and
period. A mail is a line of the outbox, put there in the same transaction as its
briefing, with a Message-ID for life: whatever dies between, it is sent at least once,
and a second copy is known for what it is.

That a week's edition could not be made is kept the same way, once, as edition 0: no
edition, but a word that hangs its mails in the outbox (State.NOT_MADE).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.store.engine import writing
from datasets.store.tables import BRIEFING, BRIEFING_MAIL, BRIEFING_WORDS

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=24)
MOST_ATTEMPTS = 16
"""Waits double from a minute to a day: sixteen attempts reach over six days."""
CLAIM_LASTS = timedelta(minutes=10)
"""A mail that was being sent when its process died is taken up again after this."""


class State(StrEnum):
    """draft: made by the weekly job; issued: given out by a person; not_made: the word that there is no edition."""

    DRAFT = "draft"
    ISSUED = "issued"
    NOT_MADE = "not_made"


EDITIONS = BRIEFING.c.state != State.NOT_MADE


class MailState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Kept:
    """One edition of a briefing. `report` is the model as JSON, "" in lists; `version` the data version."""

    id: int
    unit: str
    period: str
    edition: int
    state: State
    made_at: datetime
    made_by: str
    version: int
    rules: str
    complete: bool
    digest: str
    report: str

    @property
    def intact(self) -> bool:
        """Whether the report is the one that was kept."""
        return hashlib.sha256(self.report.encode()).hexdigest() == self.digest


@dataclass(frozen=True, slots=True)
class Mail:
    """One line of the outbox. `answer` is the server's last word: the proof, or why not."""

    id: int
    briefing: int
    recipient: str
    message_id: str
    state: MailState
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    answer: str


class Briefings:
    """The briefings of one store."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    # -- editions --------------------------------------------------------------------

    def keep(
        self,
        unit: str,
        period: str,
        report: str,
        *,
        version: int,
        rules: str,
        complete: bool,
        state: State = State.ISSUED,
        made_by: str = "",
        recipients: Sequence[str] = (),
        only_first: bool = False,
    ) -> Kept | None:
        """Keep a report as the next edition, with a mail to each recipient, all or nothing.

        What of the word that `made_by` could make none is still to be mailed is withdrawn.

        only_first   None instead when `made_by` has made an edition already: so the weekly
                     job makes each exactly once
        """
        with writing(self._engine) as connection:
            mine = sa.and_(BRIEFING.c.unit == unit, BRIEFING.c.period == period)
            by_them = sa.select(BRIEFING.c.id).where(mine, BRIEFING.c.made_by == made_by)
            if only_first and connection.scalar(by_them.where(EDITIONS).limit(1)) is not None:
                return None
            overtaken = BRIEFING_MAIL.c.briefing.in_(by_them.where(~EDITIONS))
            unsent = BRIEFING_MAIL.c.state.in_((MailState.WAITING, MailState.SENDING))
            connection.execute(BRIEFING_MAIL.delete().where(overtaken, unsent))
            last = connection.scalar(sa.select(sa.func.max(BRIEFING.c.edition)).where(mine))
            kept = self._insert(
                connection,
                report,
                unit=unit,
                period=period,
                edition=(last or 0) + 1,
                state=state,
                made_by=made_by,
                version=version,
                rules=rules,
                complete=complete,
            )
            self._post(connection, kept, recipients, 1, self._clock())
        return self.get(kept)

    def keep_not_made(
        self, unit: str, period: str, why: str, *, version: int, made_by: str, recipients: Sequence[str] = ()
    ) -> Kept | None:
        """Keep the word that `made_by` could make no edition, with a mail to each recipient, all or nothing.

        None instead when it is kept already, or an edition of theirs is. The mails wait a
        moment: an edition that the next try does make withdraws them.
        """
        with writing(self._engine) as connection:
            mine = sa.and_(BRIEFING.c.unit == unit, BRIEFING.c.period == period, BRIEFING.c.made_by == made_by)
            if connection.scalar(sa.select(BRIEFING.c.id).where(mine).limit(1)) is not None:
                return None
            kept = self._insert(
                connection,
                why,
                unit=unit,
                period=period,
                edition=0,
                state=State.NOT_MADE,
                made_by=made_by,
                version=version,
                rules="",
                complete=False,
            )
            self._post(connection, kept, recipients, 1, self._clock() + FIRST_WAIT)
        return self.get(kept)

    def _insert(self, connection: sa.Connection, report: str, **values: object) -> int:
        digest = hashlib.sha256(report.encode()).hexdigest()
        made = connection.execute(
            BRIEFING.insert().values(made_at=self._clock(), digest=digest, report=report, **values)
        )
        assert made.inserted_primary_key is not None
        return int(made.inserted_primary_key[0])

    def get(self, briefing: int) -> Kept | None:
        return self._one(sa.select(BRIEFING).where(BRIEFING.c.id == briefing))

    def latest(self, unit: str, period: str) -> Kept | None:
        """The last edition of a unit and period."""
        mine = sa.select(BRIEFING).where(BRIEFING.c.unit == unit, BRIEFING.c.period == period, EDITIONS)
        return self._one(mine.order_by(BRIEFING.c.edition.desc()).limit(1))

    def not_made(self, unit: str, period: str) -> Kept | None:
        """The word that no edition could be made; it stays when one was made later."""
        return self._one(
            sa.select(BRIEFING).where(BRIEFING.c.unit == unit, BRIEFING.c.period == period, ~EDITIONS).limit(1)
        )

    def list(self, unit: str, limit: int = 60) -> Sequence[Kept]:
        """All editions of a unit, the newest first, without their reports."""
        columns = [column for column in BRIEFING.c if column.name != "report"]
        asked = sa.select(*columns, sa.literal("").label("report")).where(BRIEFING.c.unit == unit, EDITIONS)
        with self._engine.connect() as connection:
            found = connection.execute(asked.order_by(BRIEFING.c.id.desc()).limit(limit)).mappings()
            return [_kept(row) for row in found]

    def _one(self, asked: sa.Select[Any]) -> Kept | None:
        with self._engine.connect() as connection:
            row = connection.execute(asked).mappings().first()
            return _kept(row) if row else None

    # -- the office's own words ---------------------------------------------------------

    def words(self, unit: str, period: str) -> dict[str, tuple[str, ...]]:
        """Paragraphs by section; a section without any is absent."""
        asked = sa.select(BRIEFING_WORDS.c.section, BRIEFING_WORDS.c.said).where(
            BRIEFING_WORDS.c.unit == unit, BRIEFING_WORDS.c.period == period
        )
        with self._engine.connect() as connection:
            said = {str(section): str(text) for section, text in connection.execute(asked)}
        found = {name: tuple(line.strip() for line in text.splitlines() if line.strip()) for name, text in said.items()}
        return {name: lines for name, lines in found.items() if lines}

    def write_words(self, unit: str, period: str, words: Mapping[str, str]) -> None:
        """Set the text of these sections; the others stay."""
        with writing(self._engine) as connection:
            for section, said in words.items():
                key = {"unit": unit, "period": period, "section": section}
                connection.execute(
                    BRIEFING_WORDS.delete().where(*(BRIEFING_WORDS.c[name] == value for name, value in key.items()))
                )
                if said.strip():
                    connection.execute(BRIEFING_WORDS.insert().values(**key, said=said, written_at=self._clock()))

    # -- mail --------------------------------------------------------------------------

    def send_again(self, briefing: int, recipients: Sequence[str]) -> None:
        """Put a further round of mails in the outbox."""
        with writing(self._engine) as connection:
            rounds = connection.scalar(
                sa.select(sa.func.max(BRIEFING_MAIL.c.round)).where(BRIEFING_MAIL.c.briefing == briefing)
            )
            self._post(connection, briefing, recipients, (rounds or 0) + 1, self._clock())

    def mails(self, briefing: int) -> Sequence[Mail]:
        asked = sa.select(BRIEFING_MAIL).where(BRIEFING_MAIL.c.briefing == briefing).order_by(BRIEFING_MAIL.c.id)
        with self._engine.connect() as connection:
            return [_mail(row) for row in connection.execute(asked).mappings()]

    def claim(self) -> Mail | None:
        """The first mail whose time has come, now being sent by us alone; None when there is none."""
        now = self._clock()
        lost = sa.and_(BRIEFING_MAIL.c.state == MailState.SENDING, BRIEFING_MAIL.c.claimed_at < now - CLAIM_LASTS)
        due = sa.or_(sa.and_(BRIEFING_MAIL.c.state == MailState.WAITING, BRIEFING_MAIL.c.next_at <= now), lost)
        with writing(self._engine) as connection:
            row = (
                connection.execute(
                    sa.select(BRIEFING_MAIL).where(due).order_by(BRIEFING_MAIL.c.next_at, BRIEFING_MAIL.c.id).limit(1)
                )
                .mappings()
                .first()
            )
            if row is None:
                return None
            ours = BRIEFING_MAIL.update().where(BRIEFING_MAIL.c.id == row["id"], due)
            taken = ours.values(state=MailState.SENDING, claimed_at=now, attempts=row["attempts"] + 1)
            if not connection.execute(taken).rowcount:
                return None
        return next(mail for mail in self.mails(int(row["briefing"])) if mail.id == row["id"])

    def sent(self, mail: Mail, answer: str) -> None:
        self._end(mail, state=MailState.SENT, sent_at=self._clock(), next_at=None, answer=answer)

    def not_sent(self, mail: Mail, answer: str, *, for_good: bool) -> None:
        """Try again later, each time after twice the wait; or give up, for good or after the last attempt."""
        if for_good or mail.attempts >= MOST_ATTEMPTS:
            self._end(mail, state=MailState.FAILED, next_at=None, answer=answer)
            return
        wait = min(FIRST_WAIT * 2 ** (mail.attempts - 1), LONGEST_WAIT)
        self._end(mail, state=MailState.WAITING, next_at=self._clock() + wait, answer=answer)

    def _end(self, mail: Mail, **values: object) -> None:
        with writing(self._engine) as connection:
            connection.execute(BRIEFING_MAIL.update().where(BRIEFING_MAIL.c.id == mail.id).values(**values))

    def _post(
        self, connection: sa.Connection, briefing: int, recipients: Sequence[str], round_: int, at: datetime
    ) -> None:
        for recipient in dict.fromkeys(recipients):
            name = hashlib.sha256(f"{briefing}/{round_}/{recipient}".encode()).hexdigest()[:32]
            connection.execute(
                BRIEFING_MAIL.insert().values(
                    briefing=briefing,
                    recipient=recipient,
                    round=round_,
                    message_id=f"<briefing-{briefing}-{name}@commune-ioc>",
                    state=MailState.WAITING,
                    attempts=0,
                    next_at=at,
                    answer="",
                )
            )


def _kept(row: sa.RowMapping) -> Kept:
    values = {name: row[name] for name in Kept.__dataclass_fields__}
    return Kept(**values | {"state": State(row["state"]), "complete": bool(row["complete"])})


def _mail(row: sa.RowMapping) -> Mail:
    values = {name: row[name] for name in Mail.__dataclass_fields__}
    return Mail(**values | {"state": MailState(row["state"])})
