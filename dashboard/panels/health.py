"""Health: until the health station's reports come, what the pilots have reported."""

from dashboard.panel import Card, Panel

PANEL = Panel(
    id="health",
    path="/y-te",
    cards=(
        Card("hl_health_record_rate"),
        Card("hl_health_records_created_rate"),
        Card("hl_facilities_on_record"),
        Card("hl_medici_installs"),
        Card("hl_medici_rate"),
        Card("hl_ask_doctor_members"),
        Card("hl_digital_services"),
    ),
    default_period="month",
)
