"""The weekly job and its outbox: made once, caught up, frozen, mailed until taken, never as complete when it is not."""

import dataclasses
from datetime import datetime, timedelta

import pytest
from invented_commune import CONFIG, UNITS, ZONE, deliver, dossier, fill

from dashboard.briefing.archive import fresh, issue, opened
from dashboard.briefing.job import FIRST_BEAT, HEARTBEAT, MADE_BY, look, make_due, overdue
from dashboard.briefing.mail import send_due
from dashboard.briefing.model import as_json
from dashboard.briefing.turns import reported_week, weeks_due
from dashboard.briefing.writers import WRITERS
from dashboard.desk.render import render
from dashboard.open_queries import open_queries
from dashboard.queries import Queries
from datasets.errors import OpsError, StoreError
from datasets.periods import Period
from datasets.schema.dataset import Context
from datasets.store import open_store
from datasets.store.briefings import MailState, State
from datasets.store.tables import BRIEFING

MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=ZONE)
SCHEDULE = "30 6 * * 1"
FORMATS = ("docx", "xlsx")


class Office:
    """A commune whose clock the test moves, and its mail server's address in the configuration."""

    def __init__(self, folder, url, port=9, to="vp@xa.vn, ct@xa.vn", filled=True):
        (folder / "units.csv").write_text(UNITS, "utf-8")
        mail = f"briefing: {{mail: {{host: 127.0.0.1, port: {port}, from: ioc@xa.vn, to: [{to}], tls: none}}}}\n"
        (folder / "config.yaml").write_text(CONFIG.replace("sqlite:///ioc.db", url) + mail, "utf-8")
        self.at = MONDAY
        made = open_queries(folder / "config.yaml", {})
        made.store.close()
        store = open_store(made.settings.store.url, lambda: self.at)
        self.queries = Queries(store, made.catalogue, made.settings, made.units, made.calendar, lambda: self.at)
        if filled:
            fill(store, made.settings, made.calendar, lambda: self.at)

    @property
    def kept(self):
        return self.queries.store.briefings

    def send(self):
        settings = self.queries.settings.briefing
        return send_due(self.queries.store, settings.mail, FORMATS, self.at)

    def add(self, line):
        context = Context(now=self.at, time_zone=ZONE, calendar=self.queries.calendar)
        deliver(self.queries.store, context, "one_stop", "dossier", [dossier(line)])


@pytest.fixture
def make_office(tmp_path, store_url):
    """Makes the commune of a test, on one database and then on the other."""
    made = []

    def make(port=9, **how):
        made.append(Office(tmp_path, store_url, port, **how))
        return made[-1]

    yield make
    for each in made:
        each.queries.store.close()


@pytest.fixture
def office(make_office):
    return make_office()


# -- turns -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "week"),
    [("2026-11-23T06:30", "2026W47"), ("2026-11-25T06:30", "2026W47"), ("2026-11-27T16:00", "2026W48")],
)
def test_early_in_the_week_the_week_before_is_reported_on(turn, week):
    assert reported_week(datetime.fromisoformat(turn)).id == week


def test_before_half_past_six_nothing_is_due_and_from_then_on_last_week_is():
    made = [Period.parse("2026W46")]
    assert weeks_due(SCHEDULE, ZONE, made, MONDAY - timedelta(seconds=1)) == []
    assert [week.id for week in weeks_due(SCHEDULE, ZONE, made, MONDAY)] == ["2026W47"]


def test_after_three_weeks_off_every_missed_week_is_due_and_at_the_first_start_only_the_last():
    made = [Period.parse("2026W44")]
    assert [week.id for week in weeks_due(SCHEDULE, ZONE, made, MONDAY)] == ["2026W45", "2026W46", "2026W47"]
    assert [week.id for week in weeks_due(SCHEDULE, ZONE, [], MONDAY)] == ["2026W47"]


def test_a_gap_between_made_weeks_is_filled_and_nothing_is_missed_since_the_first_start():
    made = [Period.parse(week) for week in ("2026W44", "2026W46", "2026W47")]
    assert [week.id for week in weeks_due(SCHEDULE, ZONE, made, MONDAY)] == ["2026W45"]
    # the job first stood on Monday 9/11 before its turn, and died before it had made anything
    since = MONDAY - timedelta(days=14, minutes=1)
    assert [week.id for week in weeks_due(SCHEDULE, ZONE, [], MONDAY, since)] == ["2026W45", "2026W46", "2026W47"]


# -- made and kept -----------------------------------------------------------------------


def test_a_week_is_made_once_however_often_the_job_looks_or_the_clock_jumps(office):
    assert make_due(office.queries) == [("98001", "2026W47")]
    assert make_due(office.queries) == []
    office.at = MONDAY - timedelta(days=3)  # the clock jumps back
    assert make_due(office.queries) == []
    office.at = MONDAY + timedelta(days=7)
    assert make_due(office.queries) == [("98001", "2026W48")]
    assert [line.period for line in office.kept.list("98001")] == ["2026W48", "2026W47"]


def test_what_a_person_issued_before_does_not_keep_the_job_from_its_own(office):
    issue(office.queries, "98001", "2026W47", "Lan")
    assert make_due(office.queries) == [("98001", "2026W47")]
    assert make_due(office.queries) == []
    assert [(line.edition, line.made_by) for line in office.kept.list("98001")] == [(2, MADE_BY), (1, "Lan")]


def test_nothing_is_made_from_an_empty_store(make_office):
    office = make_office(filled=False)
    assert make_due(office.queries) == []


def test_a_unit_whose_briefing_fails_keeps_no_other_from_its_own(office, monkeypatch):
    settings = office.queries.settings
    both = settings.briefing.model_copy(update={"units": ["98009", "98001"]})  # nobody knows the first
    monkeypatch.setattr(office.queries, "settings", settings.model_copy(update={"briefing": both}))
    assert make_due(office.queries) == [("98001", "2026W47")]


def test_a_week_that_the_job_should_have_made_long_ago_is_known_to_be_missing(office):
    week = Period.parse("2026W47")
    assert not overdue(office.queries, "98001", week)  # where no job ever ran, none has failed
    office.queries.store.heartbeats.beat(FIRST_BEAT)
    office.at += timedelta(minutes=20)
    assert not overdue(office.queries, "98001", week)
    office.at += timedelta(minutes=20)
    assert overdue(office.queries, "98001", week)
    assert "chưa lập được bản nào" in str(render(office.queries, "/bao-cao-tuan", "?ky=2026W47").to_plotly_json())
    make_due(office.queries)
    assert not overdue(office.queries, "98001", week)


def test_after_a_start_an_incomplete_briefing_waits_for_the_sources(office):
    office.at = MONDAY + timedelta(days=7)  # the source last told us a week ago
    assert make_due(office.queries, patient=True) == []
    assert make_due(office.queries) == [("98001", "2026W48")]
    assert office.kept.latest("98001", "2026W48").complete is False


def test_a_store_that_is_busy_for_long_ends_no_process_and_is_tried_at_the_next_look(office, monkeypatch):
    def busy(*asked):
        raise StoreError("error.store_locked")

    with monkeypatch.context() as long_write:
        long_write.setattr(office.queries.store.heartbeats, "beat", busy)
        long_write.setattr(office.kept, "list", busy)
        look(office.queries)
    assert office.queries.store.heartbeats.last(HEARTBEAT) is None
    look(office.queries)
    assert office.queries.store.heartbeats.last(HEARTBEAT) == MONDAY
    assert [line.period for line in office.kept.list("98001")] == ["2026W47"]


def test_a_late_entry_changes_no_kept_figure_and_the_next_briefing_tells_both_numbers(office):
    make_due(office.queries)
    before = office.kept.latest("98001", "2026W47")
    text = before.report
    office.at = MONDAY + timedelta(days=2)
    office.add("L1|Hộ tịch|Thôn Tây|direct|18|20|19")  # received and finished in week 47, entered on Wednesday
    assert office.kept.latest("98001", "2026W47").report == text
    assert opened(office.kept.latest("98001", "2026W47")).figures == opened(before).figures
    office.at = MONDAY + timedelta(days=7)
    told = {r.indicator: (r.old, r.new, r.cause) for r in fresh(office.queries, "98001", "2026W48").revisions}
    assert told["ps_received"][:2] == ("6 hồ sơ", "7 hồ sơ")
    assert told["ps_resolved"][:2] == ("3 hồ sơ", "4 hồ sơ")
    assert "1 hồ sơ" in told["ps_received"][2] and "sau ngày báo cáo" in told["ps_received"][2]


def test_an_issued_edition_after_it_has_the_new_figures_and_the_words(office):
    make_due(office.queries)
    office.add("L1|Hộ tịch|Thôn Tây|direct|18|20|19")
    office.kept.write_words("98001", "2026W47", {"health": "Không có dịch."})
    kept = issue(office.queries, "98001", "2026W47", "Lan")
    assert (kept.edition, kept.state) == (2, State.ISSUED)
    assert "Không có dịch." in kept.report and "tiếp nhận 7 hồ sơ" in kept.report


def test_issuing_changes_nothing_of_what_is_kept_but_the_state_tells_that_it_is_no_draft(office):
    make_due(office.queries)
    draft, issued = office.kept.latest("98001", "2026W47"), issue(office.queries, "98001", "2026W47", "Lan")
    assert (issued.report, issued.digest, issued.intact) == (draft.report, draft.digest, True)
    assert (opened(draft).letterhead.draft, opened(issued).letterhead.draft) == ("DỰ THẢO", "")
    assert opened(issued).sections == opened(draft).sections


def test_a_kept_report_that_was_tampered_with_is_not_opened(office):
    make_due(office.queries)
    kept = office.kept.latest("98001", "2026W47")
    assert as_json(opened(kept)) == kept.report
    with pytest.raises(OpsError, match="không còn nguyên vẹn"):
        opened(dataclasses.replace(kept, report=kept.report.replace("6 hồ sơ", "9 hồ sơ")))


def test_only_one_process_holds_the_job(office):
    with office.queries.store.lease("briefings"), pytest.raises(StoreError):
        office.queries.store.lease("briefings").__enter__()


# -- mail --------------------------------------------------------------------------------


def test_each_recipient_gets_the_files_once(make_office, mail_server):
    office = make_office(mail_server.port)
    make_due(office.queries)
    assert office.send() == 2
    assert office.send() == 0
    assert sorted(to for (to,), _ in mail_server.taken) == ["ct@xa.vn", "vp@xa.vn"]
    _, message = mail_server.taken[0]
    assert [part.get_filename() for part in message.iter_attachments()] == [
        "bao-cao-98001-2026W47.docx",
        "bao-cao-98001-2026W47.xlsx",
    ]
    assert message["Subject"] == "[SỐ LIỆU MINH HOẠ] Báo cáo tuần 47/2026 – Xã Bình Minh"
    assert "tiếp nhận 6 hồ sơ" in message.get_body().get_content()
    for mail in office.kept.mails(1):
        assert (mail.state, mail.answer) == (MailState.SENT, "250 queued as 42")


def test_an_incomplete_briefing_says_so_in_the_subject(make_office, mail_server):
    office = make_office(mail_server.port)
    office.at = MONDAY + timedelta(days=7)
    make_due(office.queries)
    office.send()
    _, message = mail_server.taken[0]
    assert message["Subject"].startswith("[BÁO CÁO CHƯA ĐỦ SỐ LIỆU]")
    assert "chưa đủ cả kỳ báo cáo" in message.get_body().get_content()


def test_a_server_that_is_down_is_tried_again_with_the_same_message_id(make_office, mail_server):
    office = make_office(port=1)  # nobody listens there
    make_due(office.queries)
    assert office.send() == 0
    waiting = office.kept.mails(1)
    assert {mail.state for mail in waiting} == {MailState.WAITING}
    assert {mail.next_at for mail in waiting} == {office.at + timedelta(minutes=1)}
    assert office.send() == 0  # not yet
    settings = office.queries.settings.briefing.mail.model_copy(update={"port": mail_server.port})
    office.at += timedelta(minutes=1)
    assert send_due(office.queries.store, settings, FORMATS, office.at) == 2
    assert sorted(m["Message-ID"] for _, m in mail_server.taken) == sorted(mail.message_id for mail in waiting)


def test_one_wrong_address_stops_nobody_and_is_not_tried_again(make_office, mail_server):
    mail_server.answers["vp@xa.vn"] = "550 no such user"
    office = make_office(mail_server.port)
    make_due(office.queries)
    assert office.send() == 1
    states = {mail.recipient: (mail.state, mail.answer) for mail in office.kept.mails(1)}
    assert states["vp@xa.vn"] == (MailState.FAILED, "550 no such user")
    assert states["ct@xa.vn"][0] is MailState.SENT


def test_a_greylisted_mail_waits_longer_each_time(make_office, mail_server):
    mail_server.answers["vp@xa.vn"] = "451 greylisted"
    office = make_office(mail_server.port, to="vp@xa.vn")
    make_due(office.queries)
    waits = []
    for _ in range(4):
        office.send()
        (mail,) = office.kept.mails(1)
        waits.append((mail.next_at - office.at) / timedelta(minutes=1))
        office.at = mail.next_at
    assert waits == [1, 2, 4, 8]
    mail_server.answers.clear()
    assert office.send() == 1


def test_a_mail_left_by_a_process_that_died_is_taken_up_again(make_office, mail_server):
    office = make_office(mail_server.port, to="vp@xa.vn")
    make_due(office.queries)
    claimed = office.kept.claim()  # and here the process dies
    assert office.send() == 0
    office.at += timedelta(minutes=11)
    assert office.send() == 1
    assert mail_server.taken[0][1]["Message-ID"] == claimed.message_id


def test_a_file_that_cannot_be_made_is_told_in_the_mail_that_brings_the_others(make_office, mail_server, monkeypatch):
    def unable(report):
        raise OpsError("briefing.typesetter", problem="hết bộ nhớ")

    monkeypatch.setitem(WRITERS, "docx", unable)
    office = make_office(mail_server.port, to="vp@xa.vn")
    make_due(office.queries)
    assert office.send() == 1
    _, message = mail_server.taken[0]
    assert message["Subject"].startswith("[THIẾU TỆP]")
    assert "Không dựng được PDF: hết bộ nhớ" in message.get_body().get_content()
    assert [part.get_filename() for part in message.iter_attachments()] == ["bao-cao-98001-2026W47.xlsx"]


def test_a_damaged_briefing_is_not_mailed_its_line_says_why_and_the_next_goes_out(make_office, mail_server):
    office = make_office(mail_server.port, to="vp@xa.vn")
    make_due(office.queries)
    with office.queries.store.engine.begin() as connection:
        connection.execute(BRIEFING.update().values(report="{}"))
    issue(office.queries, "98001", "2026W46")
    office.kept.send_again(2, ["vp@xa.vn"])
    assert office.send() == 1
    (mail,) = office.kept.mails(1)
    assert (mail.state, "không còn nguyên vẹn" in mail.answer) == (MailState.WAITING, True)


def test_an_issued_edition_is_mailed_as_the_report_and_a_draft_as_a_draft(make_office, mail_server):
    office = make_office(mail_server.port, to="vp@xa.vn")
    make_due(office.queries)
    issue(office.queries, "98001", "2026W47", "Lan")
    office.kept.send_again(2, ["vp@xa.vn"])
    assert office.send() == 2
    draft, issued = (message.get_body().get_content() for _, message in mail_server.taken)
    assert draft.startswith("Kính gửi dự thảo báo cáo tuần 47/2026 của Xã Bình Minh")
    assert issued.startswith("Kính gửi báo cáo tuần 47/2026") and "đã phát hành" in issued and "dự thảo" not in issued


def test_files_too_large_are_linked(make_office, mail_server):
    office = make_office(mail_server.port, to="vp@xa.vn")
    make_due(office.queries)
    settings = office.queries.settings.briefing.mail.model_copy(
        update={"port": mail_server.port, "most_mb": 0.001, "link": "http://ioc.xa.vn"}
    )
    send_due(office.queries.store, settings, FORMATS, office.at)
    _, message = mail_server.taken[0]
    assert list(message.iter_attachments()) == []
    assert "http://ioc.xa.vn/bao-cao-tuan?don-vi=98001&ky=2026W47" in message.get_content()


def test_sending_again_is_a_further_mail(make_office, mail_server):
    office = make_office(mail_server.port, to="vp@xa.vn")
    make_due(office.queries)
    office.send()
    office.kept.send_again(1, ["vp@xa.vn"])
    assert office.send() == 1
    first, second = (message["Message-ID"] for _, message in mail_server.taken)
    assert first != second
