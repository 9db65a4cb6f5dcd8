"""The course of one document, planned whole when it comes; what is seen of it depends on the clock.

01 arrived   02 refused   03 accepted   04 assigned   05 being worked on   06 done
"""

from __future__ import annotations

import math
from bisect import bisect, bisect_right
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

from connectors.sandbox.documents.communes import Commune
from connectors.sandbox.one_stop.office import OFFICE_DAY, OPENS, Office

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
WORKING_DAYS_A_MONTH = 20.8
WEEKDAYS = (1.15, 1.05, 1.0, 1.0, 0.8)
SEASON = (1.0, 0.9, 1.05, 1.0, 1.0, 1.05, 0.95, 0.95, 1.0, 1.05, 1.05, 1.2)  # reports at the year's end
DAY_OFF = 0.03
TERMS = {0: (5, 7, 10, 15), 1: (3, 4), 2: (2,), 3: (1,)}
"""Working days by urgency; a local matter (domain.md 3.1), these are the simulated province's."""
URGENT, VERY_URGENT, EXPRESS, HAS_TERM = 0.06, 0.02, 0.012, 0.62
SECRET, REFUSED, ON_PAPER = 0.003, 0.006, 0.06
STAFF = (0.22, 0.17, 0.14, 0.12, 0.10, 0.09, 0.08, 0.08)
DAY_STARTS, DAY_ENDS = OPENS, 17 * 3600 - 60


class Document(NamedTuple):
    """One document with all that will happen to it.

    id        "99001-261120-0007": commune, day, number in the day
    number    in its register, running over the year
    kind, issuer   indices into WORDS; an outgoing one's issuer is the commune itself (-1)
    due       day, None without a term
    steps     (moment, status code), the first when it came or was sent
    staff     number of who handles it
    signed    0 no, 1 by the organisation, 2 by person and organisation
    """

    id: str
    unit: str
    incoming: bool
    number: int
    code: str
    kind: int
    issuer: int
    issued: date
    due: date | None
    urgency: int
    secret: bool
    steps: tuple[tuple[datetime, str], ...]
    staff: int
    signed: int
    interlink: bool
    salt: int

    def step(self, now: datetime) -> int:
        """Index of the step it stands at; -1 before it has come."""
        return bisect_right(self.steps, now, key=_moment) - 1


def of_day(commune: Commune, day: date, office: Office, seed: int) -> Iterator[Document]:
    """The commune's documents of a day, not yet numbered: a function of the seed, the commune and the day."""
    random = Random(f"{seed}/documents/{commune.code}/{day:%Y%m%d}")
    level = WEEKDAYS[min(day.weekday(), 4)] * SEASON[day.month - 1] if office.works(day) else DAY_OFF
    first, last = office.festivals[day.year]
    level = 0.0 if first <= day <= last else level
    number = 0
    for incoming, monthly in ((True, commune.incoming), (False, commune.outgoing)):
        mean = monthly / WORKING_DAYS_A_MONTH * level
        count = max(0, round(random.gauss(mean, math.sqrt(mean)))) if mean else 0
        spread = DAY_ENDS - DAY_STARTS
        seconds = sorted(DAY_STARTS + int(spread * random.random()) for _ in range(count))
        for second in seconds:
            number += 1
            moment = datetime.combine(day, time()) + timedelta(seconds=second)
            yield _document(f"{commune.code}-{day:%y%m%d}-{number:04d}", commune, moment, incoming, office, random)


def _document(id_: str, commune: Commune, moment: datetime, incoming: bool, office: Office, random: Random) -> Document:
    kind = bisect(_shares("types", 2 if incoming else 3), random.random())
    issuer = bisect(_shares("issuers", 3), random.random()) if incoming else -1
    drawn, has_term = random.random(), random.random() < HAS_TERM
    urgency = 3 if drawn < EXPRESS else 2 if drawn < EXPRESS + VERY_URGENT else 1 if drawn < URGENT + EXPRESS else 0
    issued, due = moment.date(), None
    steps: tuple[tuple[datetime, str], ...] = ((moment, "06"),)
    if incoming:
        issued -= timedelta(days=int(random.random() ** 3 * 9))
        terms = TERMS[urgency]
        term = terms[int(random.random() * len(terms))] if has_term or urgency else 0
        due = office.closing(office.rank(moment.date()) + term).date() if term else None
        steps = _steps(commune, moment, term, office, random)
    signed = 2 if random.random() < (commune.signed if not incoming else 0.93) else random.getrandbits(1)
    abbreviation, part = WORDS["types"][kind][1], WORDS["issuers"][issuer][2] if incoming else "UBND"
    notation = f"{abbreviation}-{part}" if part else abbreviation
    return Document(
        id=id_,
        unit=commune.code,
        incoming=incoming,
        number=0,
        code=f"{1 + int(random.random() * 4000)}/{notation}",
        kind=kind,
        issuer=issuer,
        issued=issued,
        due=due,
        urgency=urgency,
        secret=random.random() < SECRET,
        steps=steps,
        staff=bisect(_STAFF, random.random()),
        signed=signed,
        interlink=random.random() > ON_PAPER and not (incoming and not WORDS["issuers"][issuer][1]),
        salt=random.getrandbits(48),
    )


def _steps(
    commune: Commune, arrived: datetime, term: int, office: Office, random: Random
) -> tuple[tuple[datetime, str], ...]:
    """Taken up by the next working day (Điều 23 NĐ 30/2020), done within the term or after it."""
    position = office.position(arrived)
    lies = random.random() < commune.unopened
    opened = position + int(
        OFFICE_DAY * (random.expovariate(1 / 18) + 8 if lies else 0.02 + 0.5 * random.random() ** 2)
    )
    if random.random() < REFUSED:
        return _in_order(office, arrived, ((opened, "02"),))
    assigned = opened + int(OFFICE_DAY * 0.3 * random.random())
    begun = assigned + int(OFFICE_DAY * 0.5 * random.random())
    limit = (office.rank(arrived.date()) + term + 1) * OFFICE_DAY
    if term and random.random() < commune.late:
        done = limit + int(OFFICE_DAY * (0.2 + random.expovariate(1 / commune.delay)))
    elif term:
        done = begun + int(max(limit - 600 - begun, 600) * random.random() ** 0.8)
    else:
        lies = random.random() < commune.slow
        done = begun + int(OFFICE_DAY * (5 + random.expovariate(1 / 25) if lies else 3 * random.random() ** 2))
    return _in_order(office, arrived, ((opened, "03"), (assigned, "04"), (begun, "05"), (max(done, begun), "06")))


def _in_order(
    office: Office, arrived: datetime, planned: tuple[tuple[int, str], ...]
) -> tuple[tuple[datetime, str], ...]:
    """Moments of the positions, each after the one before it."""
    steps = [(arrived, "01")]
    for position, code in planned:
        steps.append((max(office.moment(position), steps[-1][0] + timedelta(seconds=1)), code))
    return tuple(steps)


def _moment(step: tuple[datetime, str]) -> datetime:
    return step[0]


@cache
def _shares(name: str, column: int) -> tuple[float, ...]:
    """Bounds between which each entry of a table of WORDS is drawn; the last one takes what is left."""
    weights = [entry[column] for entry in WORDS[name]]
    return tuple(total / sum(weights) for total in accumulate(weights))[:-1]


_STAFF = tuple(accumulate(STAFF))[:-1]
