"""How many dossiers come on a day, at what times, for what and by which way.

Working days carry a weekday pattern, a rush in the ten working days before Tết, quiet
days after it, and more after any days off. Online dossiers also come in the evening
and at weekends; a few people use the Saturday-morning desk. Nobody comes during Tết.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from connectors.sandbox.one_stop.communes import ONLINE_BEGINS, Character, online_share
from connectors.sandbox.one_stop.office import Office
from connectors.sandbox.one_stop.procedures import Procedure, procedures

DIRECT, ONLINE, POSTAL = 1, 2, 3
WEEKDAYS = (1.22, 1.06, 1.0, 0.96, 0.84)  # Monday first
SEASON = (1.0, 1.0, 1.04, 0.98, 0.97, 1.05, 1.10, 1.10, 1.0, 0.95, 0.93, 0.95)  # school papers in summer
WORKING_DAYS_A_MONTH = 20.8
POSTAL_SHARE = 0.012
SATURDAY_ONLINE, SUNDAY_ONLINE, SATURDAY_DESK = 0.22, 0.16, 0.07  # of a working day's dossiers
Hours = tuple[tuple[float, float, float], ...]
"""Parts of a day as (start hour, end hour, share of those who come); the shares sum to 1."""
ONLINE_WORKING_DAY: Hours = ((7.5, 11.5, 0.36), (13.5, 17.0, 0.27), (17.0, 19.5, 0.11), (19.5, 23.5, 0.17),
                      (11.5, 13.5, 0.05), (5.5, 7.5, 0.03), (0.0, 5.5, 0.01))  # fmt: skip
ONLINE_DAY_OFF: Hours = ((7.0, 11.0, 0.30), (11.0, 17.0, 0.25), (17.0, 23.5, 0.37), (0.0, 7.0, 0.08))
COUNTER: Hours = ((7.5, 8.5, 0.22), (8.5, 10.0, 0.36), (10.0, 11.3, 0.12), (13.5, 15.0, 0.20), (15.0, 16.7, 0.10))
COUNTER_SATURDAY: Hours = ((7.6, 11.3, 1.0),)


class Arrival(NamedTuple):
    received: datetime
    procedure: Procedure
    channel: int


def arrivals(character: Character, day: date, office: Office, random: Random) -> list[Arrival]:
    """The day's dossiers by the time they came."""
    come = list(_arrivals(character, day, office, random))
    come.sort(key=lambda arrival: arrival.received)
    return come


def expected(character: Character, day: date, office: Office) -> float:
    """Mean number of dossiers of that day, all ways together."""
    first, last = office.festivals[day.year]
    if first <= day <= last or (character.merged is not None and day > character.merged):
        return 0.0
    years = (day - ONLINE_BEGINS).days / 365.25
    daily = character.monthly / WORKING_DAYS_A_MONTH / 1.07 * (1 + 0.03 * min(max(years - 1.5, -2.0), 4.0))
    if not office.works(day):
        share = online_share(character, day)
        return daily * (share * SATURDAY_ONLINE + SATURDAY_DESK if day.weekday() == 5 else share * SUNDAY_ONLINE)
    level = WEEKDAYS[min(day.weekday(), 4)] * SEASON[day.month - 1]
    if not office.works(day - timedelta(days=1)) and day.weekday() != 0:
        level *= 1.25
    until = office.rank(first) - office.rank(day)
    since = office.rank(day) - office.rank(last)
    if 0 < until <= 10:
        level *= 1.45 if until > 2 else 1.1
    elif 0 <= since < 5 and day > last:
        level *= 0.55
    return daily * level


def _arrivals(character: Character, day: date, office: Office, random: Random) -> Iterator[Arrival]:
    mean = expected(character, day, office)
    if mean == 0.0:
        return
    count = max(0, round(random.gauss(mean, math.sqrt(mean))))
    works, midnight = office.works(day), datetime.combine(day, time())
    share = online_share(character, day)
    log_odds = math.log(share / (1 - share))
    desk = 0.0
    if not works and day.weekday() == 5:
        desk = SATURDAY_DESK / (SATURDAY_DESK + share * SATURDAY_ONLINE)
    kinds, weights = _kinds()
    for _ in range(count):
        procedure = kinds[bisect(weights, random.random() * weights[-1])]
        if works:
            online = 1 / (1 + math.exp(-log_odds - procedure.online))
            drawn = random.random()
            channel = ONLINE if drawn < online else POSTAL if drawn > 1 - POSTAL_SHARE else DIRECT
        else:
            channel = DIRECT if random.random() < desk else ONLINE
        if channel == ONLINE:
            hours = ONLINE_WORKING_DAY if works else ONLINE_DAY_OFF
        else:
            hours = COUNTER if works else COUNTER_SATURDAY
        yield Arrival(midnight + timedelta(seconds=_second(hours, random)), procedure, channel)


def _second(hours: Hours, random: Random) -> int:
    """A second of the day, drawn from shares of the day's parts."""
    drawn = random.random()
    for start, end, share in hours:
        if drawn < share:
            return int((start + (end - start) * drawn / share) * 3600)
        drawn -= share
    return int(hours[-1][0] * 3600) + random.getrandbits(10)


def _kinds() -> tuple[tuple[Procedure, ...], tuple[float, ...]]:
    kinds = procedures()
    return kinds, tuple(accumulate(kind.weight for kind in kinds))
