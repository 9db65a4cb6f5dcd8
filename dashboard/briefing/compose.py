"""From the store's figures to the report model, in the order of an official weekly report.

I. results by field     the panels, in the order the People's Committee reports them
II. shortcomings        figures past their threshold, and who contributes most
III. tasks              overdue, due next, targets not reached
IV. proposals           the office's own
annexes                 lists by code, changed figures, sources, counting rules
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from dashboard import present
from dashboard.briefing import causes, completeness, letterhead, revisions, sentences, tables, tasks
from dashboard.briefing.brief import Brief
from dashboard.briefing.model import Paragraph, Report, Revision, Section, Sentence, Table
from dashboard.briefing.peers import peers, ranking
from dashboard.briefing.phrases import amount
from dashboard.panel import SourceState
from dashboard.panels import BY_ID
from dashboard.queries import Ask, Queries
from datasets.indicators.rules import BY_ID as RULE_SETS
from datasets.indicators.rules import DEFAULT
from datasets.indicators.value import Value
from datasets.messages import text
from datasets.periods import Period
from datasets.vietnamese import number

FIELDS = ("socio_economic", "health", "education", "security", "public_services", "documents")
"""Parts of section I in the official order; `security` (QP-AN) has no figures of ours."""
REFORM = ("public_services", "documents")
"""Parts told together as administrative reform and digital transformation."""
OWN_LINES = 2
PROPOSAL_LINES = 5
HIGHLIGHTS = 5
RANKED_IN_TEXT = 20
"""A longer ranking of communes is an annex."""
MORE_OF = {
    "public_services": ("ps_received_online", "ps_in_hand", "ps_resolved_late"),
    "documents": sentences.DOCUMENTS_SAID,
}
"""Indicators the sentences need beside those of the panel's cards."""
TOLD: dict[str, tuple[Callable[[Brief], list[Paragraph]], tuple[str, ...]]] = {
    "public_services": (sentences.dossiers, sentences.DOSSIERS_SAID),
    "documents": (sentences.documents, sentences.DOCUMENTS_SAID),
}
"""Panels with sentences of their own, and the indicators these speak of."""
OWN_WORDS = (*FIELDS, "causes", "tasks", "proposals")
"""Sections the office may write paragraphs in."""


def compose(
    queries: Queries,
    unit: str,
    period: str,
    language: str = "vi",
    rules: str = DEFAULT,
    words: Mapping[str, Sequence[str]] | None = None,
    before: Report | None = None,
) -> Report:
    """The report of a unit and period.

    words    the office's own paragraphs by section id
    before   the last issued report, to tell which of its figures have changed since

    Raises UsageError for a unit or period that does not exist, or a period yet to begin.
    """
    brief = Brief.of(queries, queries.units.get(unit), Period.parse(period), language, rules)
    version = queries.version()
    own = {name: tuple(said) for name, said in (words or {}).items()}
    shown = _load(brief)
    order = ranking(brief)
    states = queries.sources(language)
    every = [indicator for indicators in shown.values() for indicator in indicators]
    troubled = causes.troubles(brief, every)
    results = _results(brief, shown, own, order, states, troubled)
    lists = tasks.work_lists(brief)
    changed = revisions.revisions(brief, before) if before else ()
    ranked = peers(brief)
    body = (
        results,
        _shortcomings(brief, troubled, own, ranked),
        _tasks(brief, troubled, lists, own),
        Section(
            "proposals",
            brief.say("section.proposals", number="IV"),
            1,
            own_words=own.get("proposals", ()),
            lines=PROPOSAL_LINES,
        ),
    )
    used = {name for figure in brief.used for name in figure.sources}
    known = {queries.definition(f.indicator).numerator.dataset for f in brief.used if f.value is not None}
    warnings = completeness.gaps(brief, states, used, known)
    nothing = not any(figure.value is not None for figure in brief.used)
    if nothing:
        warnings = (*warnings, brief.say("gap.nothing", unit=letterhead.plain_name(brief.unit.name)))
    return Report(
        unit=brief.unit.code,
        unit_name=letterhead.plain_name(brief.unit.name),
        period=brief.period.id,
        period_name=brief.period.label(language),
        language=language,
        demo=text("desk.demo", language) if queries.settings.centre.demo else "",
        complete=not warnings,
        warnings=warnings,
        made_at=brief.now,
        version=version,
        rules=RULE_SETS[rules].legal_name(language),
        letterhead=letterhead.letterhead(brief),
        opening=_opening(brief),
        highlights=_highlights(results, body[1]),
        sections=body,
        annexes=_annexes(brief, lists, order, changed, states, used, every),
        figures=tuple({figure.key: figure for figure in brief.used}.values()),
        revisions=changed,
        closing=letterhead.closing(brief),
    )


def _load(brief: Brief) -> dict[str, tuple[str, ...]]:
    """Every panel's indicators, all figures loaded at once."""
    shown = {
        panel: tuple(dict.fromkeys(card.indicator for card in BY_ID[panel].cards)) for panel in FIELDS if panel in BY_ID
    }
    brief.load(
        [*(i for indicators in shown.values() for i in indicators), *(i for more in MORE_OF.values() for i in more)]
    )
    return {panel: tuple(i for i in indicators if brief.known(i)) for panel, indicators in shown.items()}


def _opening(brief: Brief) -> Paragraph:
    said = brief.say(
        "opening",
        unit=letterhead.inside(brief, letterhead.plain_name(brief.unit.name)),
        period=letterhead.dated(brief),
        next=brief.label(brief.period.next()),
    )
    return Paragraph((Sentence(said), *sentences.days_off(brief)))


# -- I --------------------------------------------------------------------------------


def _results(
    brief: Brief,
    shown: Mapping[str, Sequence[str]],
    own: Mapping[str, tuple[str, ...]],
    ranked: Table | None,
    states: tuple[SourceState, ...],
    troubled: Sequence[Value],
) -> Section:
    parts: list[Section] = []
    reform: list[Section] = []
    later = {value.indicator for value in troubled[: causes.MOST_TOLD]}
    for panel in FIELDS:
        if panel in REFORM:
            letter = "ab"[len(reform)]
            reform.append(_panel(brief, panel, f"{letter})", 3, shown.get(panel, ()), own, states, later))
            continue
        parts.append(_panel(brief, panel, f"{len(parts) + 1}.", 2, shown.get(panel, ()), own, states, later))
    heading = brief.say("section.reform", number=f"{len(parts) + 1}.")
    parts.append(Section("reform", heading, 2, sections=tuple(reform)))
    if ranked is not None and len(ranked.rows) <= RANKED_IN_TEXT:
        heading = brief.say("section.communes", number=f"{len(parts) + 1}.")
        parts.append(Section("communes", heading, 2, tables=(ranked,)))
    return Section("results", brief.term("section.results", number="I"), 1, sections=tuple(parts))


def _panel(
    brief: Brief,
    panel: str,
    mark: str,
    level: int,
    indicators: Sequence[str],
    own: Mapping[str, tuple[str, ...]],
    states: tuple[SourceState, ...],
    later: Collection[str],
) -> Section:
    """What a field has done. `later`: indicators that are told among the shortcomings, and not twice."""
    heading = brief.say(f"section.{panel}", number=mark)
    values = [value for i in indicators if (value := brief.value(i)) is not None]
    tell, spoken = TOLD.get(panel, (None, ()))
    told = tell(brief) if tell else []
    others = [value for value in values if value.indicator not in spoken]
    main = {card.indicator for card in BY_ID[panel].sections[0].cards} if panel in BY_ID else set()
    lines = sentences.lines(brief, [value for value in others if value.indicator not in later], main)
    if not told and not lines:
        lines = sentences.lines(brief, others, main)
    paragraphs = [*told, *lines, *_until_when(brief, values, states), *sentences.old_facts(brief, others)]
    words = own.get(panel, ())
    if not paragraphs:
        said = () if words or panel not in BY_ID else (brief.say("no_figures", period=brief.term("during")),)
        paragraphs = [Paragraph((Sentence(line),)) for line in said]
        return Section(
            panel, heading, level, tuple(paragraphs), own_words=words, lines=0 if words else OWN_LINES,
            panel=panel if panel in BY_ID else None,
        )  # fmt: skip
    ask = Ask(brief.unit.code, brief.period.id, brief.language, brief.rules)
    title = text(f"panel.{panel}.title", brief.language)
    table = tables.indicator_table(brief, panel, brief.say("table.title", field=title), indicators)
    charts = tables.charts_of(brief, BY_ID[panel], ask)
    return Section(
        panel, heading, level, tuple(paragraphs), (table,) if table else (), charts, own_words=words, panel=panel
    )


def _until_when(brief: Brief, values: Sequence[Value], states: tuple[SourceState, ...]) -> list[Paragraph]:
    """Where the figures of a field do not reach to the end of the report, the field says so itself."""
    used = {name for value in values if brief.is_new(value) for name in brief.figure(value).sources}
    datasets = {brief.definition(value.indicator).numerator.dataset for value in values}
    said = (*completeness.behind(brief, states, used), *completeness.silent(brief, datasets))
    return [Paragraph(tuple(Sentence(each) for each in said))] if said else []


# -- II -------------------------------------------------------------------------------


def _shortcomings(
    brief: Brief, troubled: Sequence[Value], own: Mapping[str, tuple[str, ...]], ranked: list[Paragraph]
) -> Section:
    said = causes.shortcomings(brief, troubled) or [Paragraph((Sentence(brief.say("shortcoming.none")),))]
    why = causes.causes(brief, troubled)
    return Section(
        "shortcomings",
        brief.say("section.shortcomings", number="II"),
        1,
        sections=(
            Section("faults", brief.say("section.faults", number="1."), 2, (*said, *ranked)),
            Section(
                "causes",
                brief.say("section.causes", number="2."),
                2,
                tuple(why),
                own_words=own.get("causes", ()),
                lines=0 if own.get("causes") else OWN_LINES,
            ),
        ),
    )


# -- III ------------------------------------------------------------------------------


def _tasks(
    brief: Brief, troubled: Sequence[Value], lists: Sequence[tasks.WorkList], own: Mapping[str, tuple[str, ...]]
) -> Section:
    said = []
    following = brief.label(brief.period.next())
    if brief.is_running:
        following = brief.say("rest", end=brief.term("unit"))
    for annex, work in enumerate(lists, start=1):
        count = number(len(work.rows), 0, brief.language)
        line = brief.say(f"task.{work.kind}.{work.of}", count=count, next=following, annex=roman(annex))
        said.append(Paragraph((Sentence(line),), "item"))
    for value in troubled:
        if value.target is None or value.indicator in causes.ALWAYS_TOLD:
            continue
        better = brief.definition(value.indicator).better
        line = _goal(brief, value, "raise" if better == "higher" else "lower")
        said.append(Paragraph((Sentence(line, (brief.figure(value),)),), "item"))
    words = own.get("tasks", ())
    return Section(
        "tasks",
        brief.term("section.tasks", number="III"),
        1,
        tuple(said),
        own_words=words,
        lines=0 if words else OWN_LINES,
    )


def _goal(brief: Brief, value: Value, way: str) -> str:
    """ "Nâng tỷ lệ ... từ 57,1% lên ít nhất 60%." """
    unit = brief.definition(value.indicator).unit
    target = present.with_unit(value.target, unit, brief.language)
    name = sentences.inside(brief, brief.name(value.indicator))
    said = amount(brief, value)
    if said == target:
        way = "reach"  # so near that both are written alike
    elif unit == "percent" and value.target in (0, 100):
        way = f"{way}_end"
    return brief.say(f"task.{way}", name=name, value=said, target=target)


# -- annexes --------------------------------------------------------------------------


def _annexes(
    brief: Brief,
    lists: Sequence[tasks.WorkList],
    ranked: Table | None,
    changed: tuple[Revision, ...],
    states: Sequence[SourceState],
    used: set[str],
    indicators: Sequence[str],
) -> tuple[Section, ...]:
    """The lists of work come first, in the order the tasks name them."""
    made = [tasks.list_table(brief, work) for work in lists]
    if ranked is not None and len(ranked.rows) > RANKED_IN_TEXT:
        made.append(ranked)
    if changed:
        made.append(revisions.revision_table(brief, changed))
    made.append(tables.source_table(brief, states, used))
    counted = [i for i in indicators if (v := brief.value(i)) is not None and v.value is not None and brief.is_new(v)]
    if counted:
        made.append(tables.rule_table(brief, counted))
    rules = Sentence(brief.say("counting.set", rules=RULE_SETS[brief.rules].legal_name(brief.language)))
    return tuple(
        Section(
            table.id,
            brief.say("annex", number=roman(place)),
            1,
            (Paragraph((rules,)),) if table.id == "rules" else (),
            (table,),
        )
        for place, table in enumerate(made, start=1)
    )


def roman(number_: int) -> str:
    """Annexes are numbered so (NĐ 30/2020/NĐ-CP, Phụ lục I, III.1)."""
    found = ""
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number_ >= value:
            found, number_ = found + letters, number_ - value
    return found


def _highlights(results: Section, shortcomings: Section) -> tuple[Sentence, ...]:
    """The sentences a leader would read if only five were read: of dossiers and documents first, then the faults."""
    sections = {s.id: s for part in results.sections for s in (part.sections or (part,))}
    told = [
        sentence
        for panel in (*REFORM, *(name for name in FIELDS if name not in REFORM))
        for paragraph in sections[panel].paragraphs[:1]
        for sentence in paragraph.sentences
        if sentence.figures and sentence.figures[0].indicator != "ps_carried_over"
    ]
    kept = told[: HIGHLIGHTS - 1]
    said = {figure.indicator for sentence in kept for figure in sentence.figures}
    for paragraph in shortcomings.sections[0].paragraphs:
        sentence = paragraph.sentences[0]
        if sentence.figures and sentence.figures[0].indicator not in said:
            kept.append(sentence)
    return tuple(kept[:HIGHLIGHTS])
