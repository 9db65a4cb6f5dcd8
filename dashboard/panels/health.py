"""Health."""

from dashboard.panel import Panel

PANEL = Panel(
    id="health",
    path="/y-te",
    cards=(),
    default_period="month",
)
