"""A kept briefing by e-mail: one message for each recipient, the files attached or linked."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlencode

from dashboard.briefing.archive import opened
from dashboard.briefing.files import made
from dashboard.briefing.model import Report
from dashboard.briefing.writers import MEDIA_TYPES
from datasets.errors import OpsError
from datasets.messages import text
from datasets.settings.models import Mail as MailSettings
from datasets.store import Store
from datasets.store.briefings import Kept, Mail

TIMEOUT_SECONDS = 30
PERMANENT = range(500, 600)


class NotSent(Exception):
    """The server's reason; `for_good` when waiting does not mend it."""

    def __init__(self, reason: str, for_good: bool) -> None:
        super().__init__(reason)
        self.reason, self.for_good = reason, for_good


def message(
    settings: MailSettings,
    mail: Mail,
    report: Report,
    files: Mapping[str, bytes],
    on: datetime,
    missing: Sequence[str] = (),
) -> EmailMessage:
    """The message of one line of the outbox. What is incomplete says so in the subject, before anything else.

    missing   why a file could not be made, one sentence each
    """

    def say(key: str, **params: object) -> str:
        return text(f"briefing.mail.{key}", report.language, **params)

    made_ = EmailMessage()
    subject = say("subject", unit=report.unit_name, period=report.period_name)
    short = text("briefing.incomplete", report.language) if not report.complete else ""
    marks = [short, say("missing") if missing else "", report.demo]
    made_["Subject"] = " ".join([*(f"[{mark}]" for mark in marks if mark), subject])
    made_["From"], made_["To"] = settings.sender, mail.recipient
    made_["Message-ID"] = mail.message_id
    made_["Date"] = format_datetime(on)
    lines = [say("opening", unit=report.unit_name, period=report.period_name), ""]
    if not report.complete:
        lines += [say("incomplete"), *(f"- {warning}" for warning in report.warnings), ""]
    lines += [f"- {sentence.text}" for sentence in report.highlights]
    attached = sum(map(len, files.values())) <= settings.most_mb * 1_000_000
    lines += ["", say("attached") if attached else say("linked"), *missing]
    if settings.link:
        asked = urlencode({"don-vi": report.unit, "ky": report.period})
        lines.append(f"{settings.link.rstrip('/')}/bao-cao-tuan?{asked}")
    made_.set_content("\n".join(lines) + "\n", cte="quoted-printable")  # no line past the 998 octets of RFC 5321
    if attached:
        for name, content in files.items():
            main, sub = MEDIA_TYPES[name.rpartition(".")[2]].split("/")
            made_.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made_


def send(settings: MailSettings, ready: EmailMessage) -> str:
    """Hand the message to the server; its answer is the proof. Raises NotSent."""
    try:
        with _connected(settings) as server:
            code, answer = server.mail(settings.sender)
            if code == 250:
                code, answer = server.rcpt(str(ready["To"]))
            if code in (250, 251):
                code, answer = server.data(ready.as_bytes(policy=SMTP))
            if code not in (250, 251):
                raise NotSent(f"{code} {_said(answer)}", code in PERMANENT)
            return f"{code} {_said(answer)}"
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(f"{error.smtp_code} {_said(error.smtp_error)}", False) from None  # a password may be mended
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{error.smtp_code} {_said(error.smtp_error)}", error.smtp_code in PERMANENT) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(str(error) or type(error).__name__, False) from None


def _connected(settings: MailSettings) -> smtplib.SMTP:
    server: smtplib.SMTP
    if settings.tls == "tls":
        server = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_SECONDS)
    with ExitStack() as undo:
        undo.callback(server.close)
        server.ehlo()
        if settings.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if settings.user and settings.password:
            server.login(settings.user, settings.password.get_secret_value())
        undo.pop_all()
    return server


def _said(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def send_due(store: Store, settings: MailSettings, formats: tuple[str, ...], now: datetime) -> int:
    """Send what is waiting in the outbox; gives how many the server took. A bad address stops nobody else."""
    taken = 0
    prepared = lru_cache(maxsize=1)(lambda briefing: _prepared(store, formats, briefing))
    while (mail := store.briefings.claim()) is not None:
        try:
            report, files, missing = prepared(mail.briefing)
            answer = send(settings, message(settings, mail, report, files, now, missing))
        except NotSent as problem:
            store.briefings.not_sent(mail, problem.reason, for_good=problem.for_good)
            continue
        except OpsError as problem:
            store.briefings.not_sent(mail, problem.message(), for_good=False)
            continue
        store.briefings.sent(mail, answer)
        taken += 1
    return taken


def _prepared(
    store: Store, formats: tuple[str, ...], briefing: int
) -> tuple[Report, dict[str, bytes], tuple[str, ...]]:
    """The kept report, the files that could be made of it, and why the others could not."""
    kept: Kept | None = store.briefings.get(briefing)
    assert kept is not None
    report = opened(kept)
    files: dict[str, bytes] = {}
    missing = []
    for form in formats:
        try:
            files |= made(report, (form,))
        except OpsError as problem:
            missing.append(problem.message(report.language))
    return report, files, tuple(missing)
