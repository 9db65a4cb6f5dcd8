"""Education: until the schools' reports come, what the pilots have reported."""

from dashboard.panel import Card, Panel

PANEL = Panel(
    id="education",
    path="/giao-duc",
    cards=(Card("ed_schools"), Card("ed_pupils"), Card("ed_attendance_rate")),
    default_period="month",
)
