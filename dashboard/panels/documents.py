"""Documents in and out."""

from dashboard.panel import Panel

PANEL = Panel(
    id="documents",
    path="/van-ban",
    cards=(),
    default_period="month",
)
