"""A week that could not be made is told once to whoever waits for it: why, in words, and never as a report."""

import logging
from datetime import timedelta

import pytest
from test_briefing_job import MONDAY, SCHEDULE, Office

from dashboard.briefing import job
from dashboard.briefing.archive import issue
from dashboard.briefing.job import FIRST_BEAT, look, make_due
from dashboard.briefing.writers import WRITERS
from dashboard.desk.render import render
from datasets.errors import OpsError
from datasets.periods import Period
from datasets.store.briefings import MailState, State
from datasets.store.tables import BRIEFING

UNITS_OF = ["98001", "98002"]
SECRET = "Nguyễn Văn Khoai"


@pytest.fixture
def office(tmp_path, store_url, mail_server):
    """Two communes that are due for long, their job having stood since before; fails() breaks one's briefing."""
    made = Office(tmp_path, store_url, mail_server.port, to="vp@xa.vn")
    settings = made.queries.settings
    briefing = settings.briefing.model_copy(update={"units": UNITS_OF, "formats": ["xlsx"]})
    made.queries.settings = settings.model_copy(update={"briefing": briefing})
    made.at = MONDAY - timedelta(days=1)
    made.queries.store.heartbeats.beat(FIRST_BEAT)
    made.at = MONDAY + timedelta(minutes=31)
    yield made
    made.queries.store.close()


@pytest.fixture
def fails(monkeypatch):
    """Makes one unit's briefing fail, until it is asked to mend it."""
    real = job.fresh

    def break_(unit, fault):
        def broken(queries, of, period):
            if of == unit:
                raise fault
            return real(queries, of, period)

        monkeypatch.setattr(job, "fresh", broken)

    def mend():
        monkeypatch.setattr(job, "fresh", real)

    break_.mend = mend
    return break_


def subjects(mail_server):
    return [message["Subject"] for _, message in mail_server.taken]


def later(office, **how):
    office.at += timedelta(**how)
    look(office.queries)


def test_the_recipients_get_one_plain_mail_that_says_which_week_and_why(office, mail_server, fails):
    fails("98001", OpsError("briefing.damaged", period="2026W46", edition=1))
    for _ in range(5):
        later(office, minutes=1)
    (missing, other) = sorted(subjects(mail_server), reverse=True)
    assert missing == "[CHƯA LẬP ĐƯỢC BÁO CÁO] [SỐ LIỆU MINH HOẠ] Báo cáo tuần 47/2026 – Xã Bình Minh"
    assert other.endswith("Xã Hoàng Hôn")
    (told,) = (message for _, message in mail_server.taken if message["Subject"] == missing)
    said = told.get_content()
    assert "Đã đến giờ lập báo cáo tuần 47/2026 của Xã Bình Minh" in said
    assert "Lý do: Bản báo cáo 2026W46 lần 1 trong kho không còn nguyên vẹn." in said
    assert "sẽ tự được lập và gửi đến" in said
    assert list(told.iter_attachments()) == []
    word = office.kept.not_made("98001", "2026W47")
    (mail,) = office.kept.mails(word.id)
    assert (mail.state, mail.answer, mail.message_id) == (MailState.SENT, "250 queued as 42", told["Message-ID"])


def test_made_later_the_week_is_an_ordinary_first_edition_with_its_own_mail(office, mail_server, fails):
    fails("98001", OpsError("briefing.no_data"))
    later(office, minutes=1)
    later(office, minutes=1)
    fails.mend()
    later(office, days=1)
    assert [(line.period, line.edition, line.state) for line in office.kept.list("98001")] == [
        ("2026W47", 1, State.DRAFT)
    ]
    mine = [
        (message["Subject"], message["Message-ID"])
        for _, message in mail_server.taken
        if "Bình Minh" in message["Subject"]
    ]
    assert "CHƯA LẬP ĐƯỢC" in mine[0][0] and "CHƯA LẬP ĐƯỢC" not in mine[1][0]
    assert len({message_id for _, message_id in mine}) == len(mine) == 2


def test_what_the_next_look_mends_is_told_to_nobody(office, mail_server, fails):
    fails("98001", OpsError("error.store_locked"))
    look(office.queries)
    fails.mend()
    later(office, seconds=20)
    later(office, minutes=2)
    assert not any("CHƯA LẬP ĐƯỢC" in subject for subject in subjects(mail_server))
    assert len(mail_server.taken) == 2


def test_a_mail_server_that_comes_back_after_the_report_brings_only_the_report(office, mail_server, fails):
    mail_server.answers["vp@xa.vn"] = "451 greylisted"
    fails("98001", OpsError("briefing.no_data"))
    later(office, minutes=1)
    later(office, minutes=1)
    fails.mend()
    mail_server.answers.clear()
    later(office, days=1)
    assert not any("CHƯA LẬP ĐƯỢC" in subject for subject in subjects(mail_server))
    assert sum("Bình Minh" in subject for subject in subjects(mail_server)) == 1


def test_it_is_told_neither_before_the_page_calls_it_overdue_nor_while_sources_catch_up(office, fails):
    fails("98001", OpsError("briefing.no_data"))
    office.at = MONDAY + timedelta(minutes=29)
    make_due(office.queries)
    assert office.kept.not_made("98001", "2026W47") is None
    office.at = MONDAY + timedelta(minutes=31)
    make_due(office.queries, patient=True)
    assert office.kept.not_made("98001", "2026W47") is None
    make_due(office.queries)
    assert office.kept.not_made("98001", "2026W47").state is State.NOT_MADE


def test_a_word_left_by_a_process_that_died_while_sending_goes_out_under_the_same_message_id(
    office, mail_server, fails
):
    fails("98001", OpsError("briefing.no_data"))
    make_due(office.queries)
    office.at += timedelta(minutes=1)
    claimed = [office.kept.claim(), office.kept.claim()]  # the other unit's report, and the word; here the process dies
    look(office.queries)
    assert mail_server.taken == []
    later(office, minutes=11)
    assert {message["Message-ID"] for _, message in mail_server.taken} == {mail.message_id for mail in claimed}
    later(office, minutes=11)
    assert len(mail_server.taken) == 2


def test_a_fault_of_ours_stops_neither_the_process_nor_others_and_its_words_are_kept_from_log_and_mail(
    office, mail_server, fails, caplog
):
    fails("98001", KeyError(SECRET))
    with caplog.at_level(logging.INFO):
        later(office, minutes=1)
        later(office, minutes=1)
    assert [line.period for line in office.kept.list("98002")] == ["2026W47"]
    (said,) = (m.get_content() for _, m in mail_server.taken if "CHƯA LẬP ĐƯỢC" in m["Subject"])
    assert "Chương trình gặp lỗi ngoài dự kiến (KeyError)" in said
    assert SECRET not in said and SECRET not in caplog.text
    assert "briefing not made unit=98001 week=2026W47 fault" in caplog.text and "KeyError" in caplog.text


def test_one_week_that_fails_keeps_no_later_week_of_its_unit_from_being_made(office, monkeypatch):
    real = job.fresh

    def broken(queries, unit, period):
        if period == "2026W47":
            raise ZeroDivisionError
        return real(queries, unit, period)

    monkeypatch.setattr(job, "fresh", broken)
    office.at += timedelta(days=7)
    make_due(office.queries)
    assert [line.period for line in office.kept.list("98001")] == ["2026W48"]
    assert office.kept.not_made("98001", "2026W47") is not None


def test_a_store_without_any_data_is_told_as_the_reason(tmp_path, store_url, mail_server):
    office = Office(tmp_path, store_url, mail_server.port, to="vp@xa.vn", filled=False)
    office.queries.store.heartbeats.beat(FIRST_BEAT)
    office.at += timedelta(minutes=31)
    look(office.queries)
    later(office, minutes=1)
    assert "chưa nhận được số liệu nào" in mail_server.taken[0][1].get_content()
    office.queries.store.close()


def test_a_writer_s_fault_is_a_missing_file_and_stops_no_mail(office, mail_server, monkeypatch, caplog):
    def unable(report):
        raise ValueError(SECRET)

    monkeypatch.setitem(WRITERS, "xlsx", unable)
    look(office.queries)
    assert ["[THIẾU TỆP]" in subject for subject in subjects(mail_server)] == [True, True]
    said = [message.get_content() for _, message in mail_server.taken]
    assert all("Chương trình gặp lỗi ngoài dự kiến (ValueError)" in each for each in said)
    assert SECRET not in caplog.text + "".join(said)


def test_the_page_says_why_and_how_the_mails_fared_and_keeps_what_stands_beside_the_paper(office):
    issue(office.queries, "98001", "2026W46")
    with office.queries.store.engine.begin() as connection:
        connection.execute(
            BRIEFING.update().values(report="{}")
        )  # the week before is damaged: no week after it is made
    look(office.queries)
    later(office, minutes=1)
    shown = str(render(office.queries, "/bao-cao-tuan", "?don-vi=98001&ky=2026W47").to_plotly_json())
    assert "Lý do: Bản báo cáo 2026W46 lần 1 trong kho không còn nguyên vẹn." in shown
    assert "vp@xa.vn: đã gửi lúc 07:02 23/11/2026" in shown
    assert "Lời văn của cơ quan" in shown and "Bản xem trước" not in shown


def test_a_person_s_own_edition_neither_hides_nor_answers_that_the_job_s_is_missing(office, fails):
    fails("98001", OpsError("briefing.no_data"))
    make_due(office.queries)
    kept = issue(office.queries, "98001", "2026W47", "Lan")
    assert kept.edition == 1
    assert office.kept.latest("98001", "2026W47").made_by == "Lan"
    assert len(office.kept.mails(office.kept.not_made("98001", "2026W47").id)) == 1
    assert job.overdue(office.queries, "98001", Period.parse("2026W47"))


def test_the_office_s_schedule_is_the_one_these_tests_count_from(office):
    assert office.queries.settings.briefing.schedule == SCHEDULE
