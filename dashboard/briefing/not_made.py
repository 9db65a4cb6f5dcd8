"""The word that a week's briefing could not be made: why, in a sentence; kept and mailed once per unit and week."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass

from dashboard.briefing.letterhead import plain_name
from dashboard.queries import Queries
from datasets.errors import OpsError
from datasets.logs import frames
from datasets.messages import text
from datasets.periods import Period
from datasets.store.briefings import Kept

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotMade:
    """Which briefing is missing and why. `demo`: the mark of invented figures, "" without."""

    unit: str
    unit_name: str
    period: str
    language: str
    demo: str
    why: str


def trouble(fault: Exception, what: str, **about: str) -> OpsError:
    """The error that may be told. A fault of ours is told by its kind only, for its words may quote a person's data."""
    said = " ".join([what, *(f"{name}={value}" for name, value in about.items())])
    if isinstance(fault, OpsError):
        log.warning("%s error=%s", said, fault.key)
        return fault
    log.error("%s fault\n%s", said, frames(fault))
    return OpsError("error.unexpected", kind=type(fault).__name__)


def tell(queries: Queries, unit: str, week: Period, error: OpsError, made_by: str) -> None:
    """Keep the word and post its mails, unless that was done before."""
    settings, language = queries.settings, queries.settings.centre.language
    known = queries.units.find(unit)
    mail = settings.briefing.mail
    word = NotMade(
        unit=unit,
        unit_name=plain_name(known.name) if known else unit,
        period=week.id,
        language=language,
        demo=text("desk.demo", language) if settings.centre.demo else "",
        why=error.message(language),
    )
    kept = queries.store.briefings.keep_not_made(
        unit,
        week.id,
        json.dumps(asdict(word), ensure_ascii=False),
        version=queries.version(),
        made_by=made_by,
        recipients=mail.to if mail else (),
    )
    if kept is not None:
        log.warning("briefing told to be missing unit=%s week=%s error=%s", unit, week.id, error.key)


def opened(kept: Kept) -> NotMade:
    """The word as it was kept. Raises OpsError when it is not what was kept."""
    if not kept.intact:
        raise OpsError("briefing.damaged", period=kept.period, edition=kept.edition)
    return NotMade(**json.loads(kept.report))
