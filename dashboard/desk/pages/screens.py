"""The wall's screens: what each shows, when it was last heard of; a new one is let in here, an old one sent away."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk.attributes import data
from dashboard.desk.shell import title_row
from dashboard.desk.visit import SHOWN_LEVELS, Visit
from dashboard.panels import PANELS
from dashboard.screens import HEADS, silent_screens, table
from dashboard.wall.profile import known_scenes
from dashboard.wall.scenes import DIRECTING
from datasets.store.screens import ScreenState

PATH = "/man-hinh-quan-ly"
EVERY_SECONDS = 10


def page(visit: Visit) -> Component:
    return html.Div(
        [
            title_row(visit, visit.text("screen.page.title"), visit.text("screen.page.subtitle")),
            html.Div(screens_told(visit), id="screens", **data(language=visit.language)),
            _approval(visit),
            dcc.Interval(id="screens-beat", interval=EVERY_SECONDS * 1000),
        ],
        className="page page-screens",
    )


def screens_told(visit: Visit) -> list[Component]:
    """What must be looked at first, then every screen."""
    return [*silences(visit), screens_table(visit)]


def silences(visit: Visit) -> list[Component]:
    """An alert with a sentence for each silent screen; nothing while all are heard of."""
    said = silent_screens(visit.queries, visit.language)
    if not said:
        return []
    lines = [html.P(f"■ {sentence}", className="word-bad") for sentence in said]
    return [html.Div(lines, className="notice notice-bad", role="alert")]


def screens_table(visit: Visit) -> Component:
    """Every screen, those that are silent said so; codes that wait to be approved first seen in the state."""
    now = visit.now
    lines = table(visit.queries, visit.language)
    if not lines:
        return html.Section(visit.text("screen.page.none"), className="panel-card absent")
    body = []
    for line, cells in lines:
        silent = line.silent(now)
        tone = "bad" if silent else "watch" if line.state is ScreenState.WAITING else "none"
        sign = "■ " if silent else "▲ " if line.state is ScreenState.WAITING else ""
        told = [visit.text("screen.page.silent") if silent and head == "state" else cell
                for head, cell in zip(HEADS, cells, strict=True)]  # fmt: skip
        button = dmc.Button(
            visit.text("screen.page.revoke"),
            id={"type": "screen-revoke", "id": line.id},
            size="compact-sm",
            variant="default",
        )
        body.append(
            html.Tr(
                [
                    *(
                        html.Td(sign + cell if head == "state" else cell,
                                className=f"word-{tone} no-wrap" if head == "state" else "")
                        for head, cell in zip(HEADS, told, strict=True)
                    ),
                    html.Td(button if line.state is ScreenState.APPROVED else None),
                ],
                **data(screen=str(line.id), state=line.state.value, silent="1" if silent else ""),
            )
        )  # fmt: skip
    heads = [html.Th(visit.text(f"screen.head.{head}")) for head in HEADS]
    return html.Section(
        html.Table([html.Thead(html.Tr([*heads, html.Th()])), html.Tbody(body)], className="table"),
        className="panel-card table-card",
    )


def _approval(visit: Visit) -> Component:
    """What the command asks for too; what is left empty is as the settings say for the centre."""
    say, wall = visit.text, visit.queries.settings.wall
    usual = say("screen.page.usual")
    fields = [
        dmc.TextInput(id="screen-code", label=say("screen.page.code"), w=180),
        dmc.TextInput(id="screen-name", label=say("screen.page.name"), w=280),
        dmc.Select(
            id="screen-unit", label=say("screen.head.unit"), data=_units(visit), placeholder=usual,
            searchable=True, clearable=True, w=280,
        ),
        dmc.MultiSelect(
            id="screen-scenes", label=say("screen.page.scenes"), data=_scenes(visit), placeholder=usual,
            clearable=True, w=340,
        ),
        dmc.NumberInput(
            id="screen-diagonal", label=say("screen.page.diagonal"), placeholder=f"{wall.diagonal_inch:g}", min=1, w=170
        ),
        dmc.NumberInput(
            id="screen-distance", label=say("screen.page.distance"), placeholder=f"{wall.distance_m:g}", min=0.5, w=170
        ),
        dmc.Button(say("screen.page.approve"), id="screen-approve"),
    ]  # fmt: skip
    return html.Section(
        [
            html.H3(say("screen.page.approve_title")),
            html.Div(fields, className="toolbar", style={"alignItems": "flex-end"}),
            html.P("", id="screen-said", role="status"),
        ],
        className="panel-card",
        style={"padding": "16px", "marginTop": "16px"},
    )


def _units(visit: Visit) -> list[dict[str, str]]:
    standing = (unit for unit in visit.queries.scope(visit.viewer) if unit.valid_to is None)
    return [{"value": unit.code, "label": unit.name} for unit in standing if unit.level in SHOWN_LEVELS]


def _scenes(visit: Visit) -> list[dict[str, str]]:
    titles = {DIRECTING: visit.text("wall.directing")}
    titles |= {panel.id: visit.text(f"panel.{panel.id}.title") for panel in PANELS}
    return [{"value": name, "label": titles[name]} for name in known_scenes(PANELS)]
