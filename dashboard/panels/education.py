"""Education."""

from dashboard.panel import Panel

PANEL = Panel(
    id="education",
    path="/giao-duc",
    cards=(),
    default_period="month",
)
