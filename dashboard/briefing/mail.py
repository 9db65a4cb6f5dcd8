"""A kept briefing by e-mail: one message for each recipient, the files attached or linked; or the word that
there is none."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlencode

from dashboard.briefing import archive, not_made
from dashboard.briefing.files import made
from dashboard.briefing.not_made import trouble
from dashboard.briefing.writers import MEDIA_TYPES
from datasets.messages import text
from datasets.periods import Period
from datasets.settings.models import Mail as MailSettings
from datasets.store import Store
from datasets.store.briefings import Kept, Mail, State

TIMEOUT_SECONDS = 30
PERMANENT = range(500, 600)


class NotSent(Exception):
    """The server's reason; `for_good` when waiting does not mend it."""

    def __init__(self, reason: str, for_good: bool) -> None:
        super().__init__(reason)
        self.reason, self.for_good = reason, for_good


@dataclass(frozen=True, slots=True)
class Letter:
    """What every recipient of one briefing is sent. `files`: name -> content."""

    subject: str
    lines: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)


def letter(settings: MailSettings, kept: Kept, formats: tuple[str, ...]) -> Letter:
    """The letter of a line of the outbox. Raises OpsError when it is not what was kept."""
    return _of_none(settings, kept) if kept.state is State.NOT_MADE else _of_edition(settings, kept, formats)


def _of_edition(settings: MailSettings, kept: Kept, formats: tuple[str, ...]) -> Letter:
    """The files that can be made, and a line for each that cannot. What is incomplete says so in the subject,
    before anything else."""
    report = archive.opened(kept)

    def say(key: str, **params: object) -> str:
        return text(f"briefing.mail.{key}", report.language, **params)

    files: dict[str, bytes] = {}
    missing = []
    for form in formats:
        try:
            files |= made(report, (form,))
        except Exception as fault:  # noqa: BLE001 - one writer's trouble keeps no other file from its readers
            error = trouble(fault, "file not made", unit=kept.unit, period=kept.period, form=form)
            missing.append(error.message(report.language))
    named = {"unit": report.unit_name, "period": Period.parse(report.period).inside(report.language)}
    subject = say("subject", **named)
    short = text("briefing.incomplete", report.language) if not report.complete else ""
    marks = (short, say("missing") if missing else "", report.demo)
    lines = [say(f"opening.{kept.state.value}", **named), ""]
    if not report.complete:
        lines += [say("incomplete"), *(f"- {warning}" for warning in report.warnings), ""]
    lines += [f"- {sentence.text}" for sentence in report.highlights]
    attached = sum(map(len, files.values())) <= settings.most_mb * 1_000_000
    lines += ["", say("attached") if attached else say("linked"), *missing, *_link(settings, kept)]
    return Letter(_marked(marks, subject), tuple(lines), files if attached else {})


def _of_none(settings: MailSettings, kept: Kept) -> Letter:
    word = not_made.opened(kept)
    named = {"unit": word.unit_name, "period": Period.parse(word.period).inside(word.language)}
    subject = text("briefing.mail.subject", word.language, **named)
    mark = text("briefing.not_made.mark", word.language)
    lines = [
        text("briefing.not_made.opening", word.language, **named),
        text("briefing.not_made.why", word.language, why=word.why),
        "",
        text("briefing.not_made.later", word.language),
        *_link(settings, kept),
    ]
    return Letter(_marked((mark, word.demo), subject), tuple(lines))


def _marked(marks: tuple[str, ...], subject: str) -> str:
    return " ".join([*(f"[{mark}]" for mark in marks if mark), subject])


def _link(settings: MailSettings, kept: Kept) -> list[str]:
    asked = urlencode({"don-vi": kept.unit, "ky": kept.period})
    return [f"{settings.link.rstrip('/')}/bao-cao-tuan?{asked}"] if settings.link else []


def message(settings: MailSettings, mail: Mail, said: Letter, on: datetime) -> EmailMessage:
    """The message of one line of the outbox."""
    ready = EmailMessage()
    ready["Subject"] = said.subject
    ready["From"], ready["To"] = settings.sender, mail.recipient
    ready["Message-ID"] = mail.message_id
    ready["Date"] = format_datetime(on)
    ready.set_content("\n".join(said.lines) + "\n", cte="quoted-printable")  # no line past the 998 octets of RFC 5321
    for name, content in said.files.items():
        main, sub = MEDIA_TYPES[name.rpartition(".")[2]].split("/")
        ready.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return ready


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
    prepared = lru_cache(maxsize=1)(lambda briefing: _prepared(store, settings, formats, briefing))
    while (mail := store.briefings.claim()) is not None:
        try:
            answer = send(settings, message(settings, mail, prepared(mail.briefing), now))
        except NotSent as problem:
            store.briefings.not_sent(mail, problem.reason, for_good=problem.for_good)
            continue
        except Exception as fault:  # noqa: BLE001 - one briefing's trouble keeps no other mail from its reader
            error = trouble(fault, "mail not sent", mail=str(mail.id))
            store.briefings.not_sent(mail, error.message(), for_good=False)
            continue
        store.briefings.sent(mail, answer)
        taken += 1
    return taken


def _prepared(store: Store, settings: MailSettings, formats: tuple[str, ...], briefing: int) -> Letter:
    kept = store.briefings.get(briefing)
    assert kept is not None
    return letter(settings, kept, formats)
