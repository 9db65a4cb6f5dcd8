"""The course of one dossier, planned whole when it comes.

A course is a path of status codes (DVCQG 1-10) with the moment of each. What a reader
sees at a moment is the last step not after it, so a history once seen never changes.

    1 registered   2 accepted   3 refused   4 processing   5 awaiting supplement
    6 awaiting payment   7 withdrawn   8 stopped   9 finished   10 returned
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from connectors.sandbox.one_stop.arrivals import ONLINE, POSTAL, Arrival
from connectors.sandbox.one_stop.communes import Character
from connectors.sandbox.one_stop.office import CUT_OFF, OFFICE_DAY, Office
from connectors.sandbox.one_stop.procedures import Procedure

HOUR = 3600
REFUSED, PAY_FIRST, NEVER_PAID = 0.025, 0.7, 0.02
SUPPLEMENT, SECOND_SUPPLEMENT, NEVER_SUPPLIED = 0.05, 0.12, 0.06
WITHDRAWN, STOPPED, NEVER_FETCHED = 0.008, 0.002, 0.03
EARLY = 0.72  # of what is in time and has a term of days


class Dossier(NamedTuple):
    """One dossier with all that will happen to it.

    code       MaHoSo
    channel    1 direct, 2 online, 3 postal
    path       status codes in order; moments[i] is when path[i] began
    due        promised when accepted; None when it never was
    new_dues   (from step, due): each answered supplement promises anew
    salt       what else one may want to know is drawn from it
    """

    code: str
    procedure: Procedure
    channel: int
    received: datetime
    path: tuple[int, ...]
    moments: tuple[datetime, ...]
    due: datetime | None
    new_dues: tuple[tuple[int, datetime], ...]
    salt: int

    def step(self, now: datetime) -> int:
        """Index of the step it stands at; -1 before it has come."""
        return bisect_right(self.moments, now) - 1


def plan(code: str, arrival: Arrival, character: Character, office: Office, random: Random) -> Dossier:
    """The dossier's whole course, drawn from `random`."""
    course = _Course(arrival, character, office, random)
    course.run()
    return Dossier(
        code,
        arrival.procedure,
        arrival.channel,
        arrival.received,
        tuple(course.path),
        tuple(course.moments),
        course.due,
        tuple(course.new_dues),
        random.getrandbits(48),
    )


class _Course:
    """Walks the office axis from the desk to the hand-over."""

    def __init__(self, arrival: Arrival, character: Character, office: Office, random: Random) -> None:
        self.received, self.procedure, self.channel = arrival
        self.character, self.office, self.random = character, office, random
        self.path: list[int] = []
        self.moments: list[datetime] = []
        self.due: datetime | None = None
        self.new_dues: list[tuple[int, datetime]] = []

    def add(self, status: int, moment: datetime) -> None:
        """The next step, never before the last one."""
        if self.moments and moment <= self.moments[-1]:
            moment = self.moments[-1] + timedelta(seconds=1)
        self.path.append(status)
        self.moments.append(moment)

    def add_at(self, status: int, position: int) -> None:
        self.add(status, self.office.moment(position))

    def run(self) -> None:
        position = self.reception()
        if position is None:
            return
        due_rank = self.promise(position)
        begun = self.begin(position)
        if begun is None:
            return
        drawn = self.random.random()
        finish = self.finish(begun, due_rank)
        if drawn < WITHDRAWN + STOPPED:
            position = begun + 1200 + int((finish - begun) * self.random.random())
            if drawn < WITHDRAWN:
                self.add_at(7, position)
            else:
                self.stop(position)
            return
        if self.procedure.term >= 2 and self.random.random() < SUPPLEMENT * 2.2:  # 5 % of all dossiers have a term
            ended = self.supplements(begun, finish, due_rank)
            if ended is None:
                return
            finish = ended
        self.add_at(9, finish)
        self.hand_over(finish)

    def reception(self) -> int | None:
        """Accepted at the counter at once, online within some office hours; None when refused."""
        position = self.office.position(self.received)
        if self.channel != ONLINE:
            self.add(2, self.received)
            return position
        self.add(1, self.received)
        position += 240 + min(int(self.random.expovariate(1 / 4200)), OFFICE_DAY)
        refused = self.random.random() < REFUSED
        self.add_at(3 if refused else 2, position)
        return None if refused else position

    def promise(self, position: int) -> int:
        """Set the due moment, the close of a working day; its number comes back.

        The first day is not counted. A same-day procedure is due the same day, the next
        working day when it came online (eight working hours) or after 15:00; the Saturday
        desk counts from Monday.
        """
        rank, second = divmod(position, OFFICE_DAY)
        term = self.procedure.term
        if term == 0:
            rank += second > CUT_OFF or self.channel == ONLINE
        else:
            rank += term - (self.channel != ONLINE and not self.office.works(self.received.date()))
        self.due = self.office.closing(rank)
        return rank

    def begin(self, position: int) -> int | None:
        """Paid first where there is a fee online, then taken in hand; None when never paid."""
        taken = position + 300 + int(self.random.random() * 2700)
        if self.procedure.fee == 0 or self.channel != ONLINE or self.random.random() > PAY_FIRST:
            self.add_at(4, taken)
            return taken
        self.add_at(6, position + 120 + int(self.random.random() * 900))
        asked = self.moments[-1]
        if self.random.random() < NEVER_PAID:
            self.stop(self.office.position(asked) + 10 * OFFICE_DAY)
            return None
        paid = _waking(asked + timedelta(seconds=180 + int(self.random.expovariate(1 / 5400))))
        self.add(4, paid)
        return max(taken, self.office.position(self.moments[-1]))

    def stop(self, position: int) -> None:
        """Stopped by a notice; the citizen takes the papers back within three weeks."""
        self.add_at(8, position)
        self.add_at(7, position + int((3 + 12 * self.random.random()) * OFFICE_DAY))

    def finish(self, begun: int, due_rank: int) -> int:
        """Where on the axis the result is ready, supplements aside."""
        random, rank = self.random, begun // OFFICE_DAY
        if random.random() < self.character.late:
            delay = 1 + int(random.expovariate(1 / self.character.delay))
            return (due_rank + delay) * OFFICE_DAY + _desk_second(random)
        if self.procedure.term == 0 or due_rank <= rank:
            ready = begun + 600 + int(random.expovariate(1 / 3600))
            return min(ready, max((due_rank + 1) * OFFICE_DAY - 60, begun + 60))
        if random.random() < EARLY:
            early = rank + int((due_rank - rank) * (1 - random.random() ** 2 * 0.8))
            ready = min(early, due_rank - 1) * OFFICE_DAY + _desk_second(random)
            return max(ready, begun + 1200)
        return max(due_rank * OFFICE_DAY + _desk_second(random), begun + 600)

    def supplements(self, begun: int, finish: int, due_rank: int) -> int | None:
        """One or two requests for papers. The clock stops meanwhile: finish and due move on."""
        random = self.random
        asked = begun + int((finish - begun) * (0.1 + 0.4 * random.random())) + 600
        for _ in range(2 if random.random() < SECOND_SUPPLEMENT else 1):
            self.add_at(5, asked)
            asked_on = self.moments[-1]
            if random.random() < NEVER_SUPPLIED:
                if random.random() < 0.5:
                    self.add_at(7, asked + 20 * OFFICE_DAY)
                else:
                    self.stop(asked + 20 * OFFICE_DAY)
                return None
            self.add(4, _waking(asked_on + timedelta(seconds=HOUR * 5 + int(random.expovariate(1 / (60 * HOUR))))))
            answered = max(self.office.position(self.moments[-1]), asked)
            finish = max(finish + answered - asked, answered + 1800)
            due_rank += answered // OFFICE_DAY - asked // OFFICE_DAY
            self.new_dues.append((len(self.path) - 1, self.office.closing(due_rank)))
            asked = answered + 1800 + int((finish - answered) * 0.3)
        return max(finish, asked) if len(self.new_dues) > 1 else finish

    def hand_over(self, finish: int) -> None:
        """Returned online when the citizen opens it, often in the evening; else at the counter."""
        random = self.random
        if random.random() < NEVER_FETCHED:
            return
        done = self.moments[-1]
        if self.channel == ONLINE and self.procedure.full:
            if random.random() < 0.45:
                self.add(10, done + timedelta(seconds=120 + int(random.random() * 2400)))
            else:
                evening = done.replace(hour=18, minute=0, second=0)
                self.add(10, evening + timedelta(seconds=int(random.random() * 5 * HOUR)))
        elif self.channel == POSTAL:
            self.add_at(10, finish + 2 * OFFICE_DAY + int(random.random() * OFFICE_DAY))
        elif self.procedure.term == 0:
            self.add_at(10, finish + 120 + int(random.random() * 3600))
        else:
            self.add_at(10, finish + 900 + int(random.expovariate(1 / OFFICE_DAY)))


def _desk_second(random: Random) -> int:
    """A second inside an office day at which results are signed, rather towards its end."""
    return int(OFFICE_DAY * (0.15 + 0.84 * random.random() ** 0.7))


def _waking(moment: datetime) -> datetime:
    """Citizens answer between 06:00 and 23:00; a night's answer comes in the morning."""
    if moment.hour >= 23:
        moment += timedelta(hours=8)
    elif moment.hour < 6:
        moment += timedelta(hours=6)
    return moment
