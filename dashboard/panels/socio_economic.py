"""Socio-economic life: what the commune and the pilots have reported, with its dates."""

from dashboard.panel import Panel

PANEL = Panel(
    id="socio_economic",
    path="/kinh-te-xa-hoi",
    cards=(),
    default_period="month",
)
