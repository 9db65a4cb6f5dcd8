"""The real process killed at random moments, its clock jumping, its mail server gone: no week missing, none twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller
from invented_commune import CONFIG, DOSSIERS, UNITS, ZONE, deliver, dossier
from mail_taker import Taker

from dashboard.briefing.job import MADE_BY
from datasets.schema.dataset import Context
from datasets.store import open_store
from datasets.store.briefings import MailState
from datasets.working_days import WorkingCalendar

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=ZONE)
UNITS_OF = ("98001", "98002")
TO = ("vp@xa.vn", "ct@xa.vn", "pct@xa.vn")
WEEKS = ("2026W47", "2026W48", "2026W49")
KILLS = 4
PATIENCE_SECONDS = 240
IMPATIENT = (
    "-c",
    "import sys; from dashboard import __main__; from dashboard.briefing import job; job.PATIENCE_SECONDS = 0.0; "
    "sys.exit(__main__.main(sys.argv[1:]))",
)
"""The same process, that waits for no source and calls a week overdue at once."""
LONGEST_LIFE = 2.5
"""Seconds after its start within which the process is killed: it makes and mails within them."""


class World:
    """A store, a mail server that is not always there, and the moment that the process believes in."""

    def __init__(self, folder: Path, taker: Taker) -> None:
        self.folder, self.taker, self.at = folder, taker, MONDAY
        (folder / "units.csv").write_text(UNITS, "utf-8")
        mail = f"{{host: 127.0.0.1, port: {taker.port}, from: ioc@xa.vn, to: [{', '.join(TO)}], tls: none}}"
        units = ", ".join(f'"{unit}"' for unit in UNITS_OF)
        (folder / "config.yaml").write_text(
            f"{CONFIG}briefing: {{units: [{units}], formats: [xlsx], mail: {mail}}}\n", "utf-8"
        )

    def store(self):
        return closing(open_store(f"sqlite:///{self.folder}/ioc.db", lambda: self.at))

    def deliver(self) -> None:
        """The sources tell everything up to this moment, or a briefing would wait for them."""
        context = Context(now=self.at, time_zone=ZONE, calendar=WorkingCalendar())
        rows = [dossier(line) for line in DOSSIERS.split("\n") if line]
        others = [row | {"unit": "98002", "dossier_code": f"H{row['dossier_code']}"} for row in rows]
        with self.store() as store:
            deliver(store, context, "one_stop", "dossier", rows + others)

    def start(self, program: tuple[str, ...] = ("-m", "dashboard")) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *program, "briefings", "--config", str(self.folder / "config.yaml")],
            cwd=ROOT, env=os.environ | {"IOC_NOW": self.at.isoformat()}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        for line in process.stderr:
            if "briefings started" in line:
                return process
        raise AssertionError("it did not start")

    def kill(self, process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()

    def mails(self):
        with self.store() as store:
            kept = [line for unit in UNITS_OF for line in store.briefings.list(unit)]
            return [mail for line in kept for mail in store.briefings.mails(line.id)]

    def editions(self):
        with self.store() as store:
            return Counter(
                (unit, line.period)
                for unit in UNITS_OF
                for line in store.briefings.list(unit)
                if line.made_by == MADE_BY
            )


def taken(taker: Taker) -> Counter:
    return Counter(message["Message-ID"] for _, message in taker.taken)


def test_killed_at_any_moment_no_week_is_missing_and_no_mail_is_sent_twice(tmp_path):
    chance = random.Random(20261123)
    taker = Taker.on_a_free_port()
    world = World(tmp_path, taker)
    unknown: set[str] = set()  # the server had them, and the process died before it could write that down

    def live(controller: Controller | None, seconds: float) -> None:
        process = world.start()
        time.sleep(seconds)
        world.kill(process)
        sending = {mail.message_id for mail in world.mails() if mail.state is MailState.SENDING}
        unknown.update(sending & set(taken(taker)))

    for round_ in range(KILLS):
        world.at = MONDAY + timedelta(days=7 * min(round_ // 2, len(WEEKS) - 1), minutes=11 * round_)
        world.deliver()
        if round_ == 3:
            world.at -= timedelta(days=2)  # the clock jumps back
        controller = taker.listen() if round_ % 3 != 1 else None  # every third life finds no mail server
        live(controller, chance.uniform(0, LONGEST_LIFE))
        if controller:
            controller.stop()
        assert set(world.editions().values()) <= {1}

    controller = taker.listen()
    world.at = MONDAY + timedelta(days=7 * len(WEEKS), hours=-12)
    world.deliver()
    process = world.start()
    wanted = len(UNITS_OF) * len(WEEKS) * len(TO)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and sum(mail.state is MailState.SENT for mail in world.mails()) < wanted:
        time.sleep(0.3)
    world.kill(process)
    controller.stop()
    assert world.editions() == {(unit, week): 1 for unit in UNITS_OF for week in WEEKS}
    mails = world.mails()
    assert len(mails) == wanted
    assert {mail.state for mail in mails} == {MailState.SENT}
    found = taken(taker)
    assert set(found) == {mail.message_id for mail in mails}
    assert {name for name, times in found.items() if times > 1} <= unknown


def test_killed_at_any_moment_the_word_that_a_week_is_missing_is_mailed_to_each_once(tmp_path):
    chance = random.Random(20261124)
    taker = Taker.on_a_free_port()
    world = World(tmp_path, taker)
    world.deliver()
    with world.store() as store:  # the week before cannot be opened, so no week after it can be made
        store.briefings.keep("98001", "2026W46", "{}", version=1, rules="", complete=True)
    controller = taker.listen()
    unknown: set[str] = set()

    def words():
        with world.store() as store:
            word = store.briefings.not_made("98001", "2026W47")
            return store.briefings.mails(word.id) if word else []

    for round_ in range(KILLS):
        world.at = MONDAY + timedelta(minutes=11 * round_)
        process = world.start(IMPATIENT)
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        world.kill(process)
        unknown |= {mail.message_id for mail in words() if mail.state is MailState.SENDING} & set(taken(taker))
    world.at = MONDAY + timedelta(hours=2)
    process = world.start(IMPATIENT)  # it may still have to keep the word, whose mails wait a minute
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and not words():
        time.sleep(0.2)
    world.kill(process)
    world.at += timedelta(minutes=11)
    process = world.start(IMPATIENT)
    while time.monotonic() < deadline and {mail.state for mail in words()} != {MailState.SENT}:
        time.sleep(0.2)
    world.kill(process)
    controller.stop()
    assert sorted(mail.recipient for mail in words()) == sorted(TO)
    told = Counter(m["Message-ID"] for _, m in taker.taken if "CHƯA LẬP ĐƯỢC BÁO CÁO" in m["Subject"])
    assert set(told) == {mail.message_id for mail in words()}
    assert {name for name, times in told.items() if times > 1} <= unknown
    assert world.editions() == {("98002", "2026W47"): 1}


def test_a_second_process_on_the_same_store_is_told_so_and_does_nothing(tmp_path):
    taker = Taker.on_a_free_port()
    world = World(tmp_path, taker)
    world.deliver()
    process = world.start()
    second = subprocess.run(
        [sys.executable, "-m", "dashboard", "briefings", "--config", str(tmp_path / "config.yaml")],
        cwd=ROOT, env=os.environ | {"IOC_NOW": MONDAY.isoformat()}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    world.kill(process)
    assert second.returncode == 1 and "đang chạy ở nơi khác" in second.stderr
