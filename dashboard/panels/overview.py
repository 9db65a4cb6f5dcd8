"""The whole centre at a glance: the figures a leader asks for first."""

from dashboard.panel import Card, Chart, Panel, Section

PANEL = Panel(
    id="overview",
    path="/",
    sections=(
        Section(
            "overview",
            cards=(
                Card("ps_on_time_rate", on_wall=True),
                Card("ps_pending_overdue", on_wall=True),
                Card("ps_received", on_wall=True),
                Card("ps_pending", on_wall=True),
                Card("ps_online_rate", on_wall=True),
            ),
            charts=(
                Chart("received_resolved", "trend", ("ps_received", "ps_resolved"), on_wall=True),
                Chart("on_time", "trend", ("ps_on_time_rate",), on_wall=True),
            ),
        ),
    ),
)
