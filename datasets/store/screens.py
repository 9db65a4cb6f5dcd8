"""The wall's screens as devices: who may show what, and when each was last alive.

A screen that is not known gets a code to show; who has it in front of them approves the
code, and from then on the screen's token is its only sign. Of a token only its SHA-256
is kept: it is 256 random bits, so that nothing slower is needed. A token is exchanged
from time to time; the former one stays good until the new one has been seen, since the
answer that carries it may be lost.
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
from datasets.errors import UsageError
from datasets.store.engine import writing
from datasets.store.tables import SCREEN

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
CODE_LENGTH = 6
WAITS = timedelta(days=1)
MOST_WAITING = 50
SILENT_AFTER = timedelta(minutes=10)
HERE = "here"
"""The code of the one line kept for browsers on this very machine, which need no approval."""


class ScreenState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REVOKED = "revoked"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """One screen.

    scenes              (name, seconds) pairs; None for the centre's usual ones
    diagonal, distance  inch and metres; None for the centre's
    beat                what it last told of itself (dashboard/wall/beats.py), at `beat_at`
    """

    id: int
    code: str
    token_hash: str
    previous_hash: str | None
    rotated_at: datetime
    state: ScreenState
    name: str
    unit: str
    scenes: Sequence[tuple[str, float]] | None
    diagonal: float | None
    distance: float | None
    asked_at: datetime
    approved_at: datetime | None
    revoked_at: datetime | None
    beat_at: datetime | None
    beat: Mapping[str, Any]

    def silent(self, now: datetime) -> bool:
        """Whether an approved screen has not been heard of for ten minutes."""
        since = self.beat_at or self.approved_at
        return self.state is ScreenState.APPROVED and since is not None and now - since > SILENT_AFTER


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def code_from(random: bytes) -> str:
    """Six letters and digits from at least six random bytes."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in random[:CODE_LENGTH])


class Screens:
    """The screens of one store."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def ask(self, token: str, code: str) -> None:
        """A new screen that waits for approval. Codes older than a day, and the oldest of too many, are dropped."""
        now = self._clock()
        waiting = SCREEN.c.state == ScreenState.WAITING
        kept = sa.select(SCREEN.c.id).where(waiting).order_by(SCREEN.c.id.desc()).limit(MOST_WAITING - 1)
        with writing(self._engine) as connection:
            ids = [row[0] for row in connection.execute(kept)]
            late = sa.or_(SCREEN.c.asked_at < now - WAITS, SCREEN.c.id.not_in(ids), SCREEN.c.code == code)
            connection.execute(SCREEN.delete().where(waiting, late))
            connection.execute(SCREEN.insert().values(**_line(code, hashed(token), ScreenState.WAITING, now)))

    def by_token(self, token: str) -> ScreenLine | None:
        """The screen that holds this token, or held it before the exchange under way."""
        return self._by_hash(hashed(token))

    def is_current(self, screen: ScreenLine, token: str) -> bool:
        """Whether this is the screen's newest token, and not the one before."""
        return screen.token_hash == hashed(token)

    def rotate(self, screen: ScreenLine, presented: str, token: str) -> None:
        """Give a screen a new token; the presented one stays good until the new one is seen."""
        with writing(self._engine) as connection:
            connection.execute(
                SCREEN.update()
                .where(SCREEN.c.id == screen.id)
                .values(token_hash=hashed(token), previous_hash=hashed(presented), rotated_at=self._clock())
            )

    def rotated(self, screen: ScreenLine) -> None:
        """The new token was seen: the former one is good no more."""
        with writing(self._engine) as connection:
            connection.execute(SCREEN.update().where(SCREEN.c.id == screen.id).values(previous_hash=None))

    def approve(
        self,
        code: str,
        *,
        name: str,
        unit: str,
        scenes: Sequence[tuple[str, float]] | None = None,
        diagonal: float | None = None,
        distance: float | None = None,
    ) -> ScreenLine:
        """Bind a waiting screen to its unit and scenes. Raises UsageError for a code that no screen shows."""
        now = self._clock()
        asked = sa.and_(
            SCREEN.c.code == code.strip().upper(),
            SCREEN.c.state == ScreenState.WAITING,
            SCREEN.c.asked_at >= now - WAITS,
        )
        values = {
            "state": ScreenState.APPROVED, "name": name, "unit": unit, "approved_at": now, "diagonal": diagonal,
            "distance": distance, "scenes": [list(pair) for pair in scenes] if scenes else None,
        }  # fmt: skip
        with writing(self._engine) as connection:
            found = connection.scalar(sa.select(SCREEN.c.id).where(asked))
            if found is None:
                raise UsageError("screen.no_code", code=code)
            connection.execute(SCREEN.update().where(SCREEN.c.id == found).values(values))
        return self._one(SCREEN.c.id == found)

    def revoke(self, screen_id: int) -> ScreenLine:
        """End a screen's permission. Raises UsageError when no approved screen has this number."""
        with writing(self._engine) as connection:
            done = connection.execute(
                SCREEN.update()
                .where(SCREEN.c.id == screen_id, SCREEN.c.state == ScreenState.APPROVED)
                .values(state=ScreenState.REVOKED, revoked_at=self._clock())
            ).rowcount
        if not done:
            raise UsageError("screen.no_screen", number=screen_id)
        return self._one(SCREEN.c.id == screen_id)

    def all(self, *states: ScreenState) -> list[ScreenLine]:
        """Screens of these states (all when none is named), in the order they came; expired codes are left out."""
        wanted = SCREEN.select().order_by(SCREEN.c.id)
        if states:
            wanted = wanted.where(SCREEN.c.state.in_(states))
        fresh = sa.or_(SCREEN.c.state != ScreenState.WAITING, SCREEN.c.asked_at >= self._clock() - WAITS)
        with self._engine.connect() as connection:
            return [_screen(row) for row in connection.execute(wanted.where(fresh)).mappings()]

    def beats(self, told: Mapping[int, tuple[datetime, Mapping[str, Any]]]) -> None:
        """What screens said of themselves, by number; 0 is this machine's own browsers."""
        with writing(self._engine) as connection:
            for screen_id, (at, beat) in told.items():
                which = SCREEN.c.id == screen_id if screen_id else SCREEN.c.code == HERE
                update = SCREEN.update().where(which).values(beat_at=at, beat=dict(beat))
                if not connection.execute(update).rowcount and not screen_id:
                    line = _line(HERE, HERE, ScreenState.HERE, at)
                    connection.execute(SCREEN.insert().values(**line, beat_at=at, beat=dict(beat)))

    def _by_hash(self, digest: str) -> ScreenLine | None:
        asked = SCREEN.select().where(sa.or_(SCREEN.c.token_hash == digest, SCREEN.c.previous_hash == digest))
        with self._engine.connect() as connection:
            row = connection.execute(asked).mappings().first()
            return _screen(row) if row else None

    def _one(self, which: sa.ColumnElement[bool]) -> ScreenLine:
        with self._engine.connect() as connection:
            return _screen(connection.execute(SCREEN.select().where(which)).mappings().one())


def _line(code: str, token_hash: str, state: ScreenState, now: datetime) -> dict[str, Any]:
    return {
        "code": code, "token_hash": token_hash, "rotated_at": now, "state": state, "name": "", "unit": "",
        "asked_at": now,
    }  # fmt: skip


def _screen(row: sa.RowMapping) -> ScreenLine:
    values = {name: row[name] for name in ScreenLine.__dataclass_fields__}
    scenes = row["scenes"]
    values |= {
        "state": ScreenState(row["state"]),
        "scenes": None if scenes is None else tuple((name, float(seconds)) for name, seconds in scenes),
        "beat": row["beat"] or {},
    }
    return ScreenLine(**values)
