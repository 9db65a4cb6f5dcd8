"""Socio-economic life: what communes report of people, income, networks and the digital economy."""

from dashboard.panel import Card, Chart, Panel

PANEL = Panel(
    id="socio_economic",
    path="/kinh-te-xa-hoi",
    cards=(
        Card("se_population", on_wall=True),
        Card("se_households", on_wall=True),
        Card("se_income_per_head", on_wall=True),
        Card("se_poverty_rate", on_wall=True),
        Card("se_household_internet_rate", on_wall=True),
        Card("se_smartphone_rate", on_wall=True),
        Card("se_land_area"),
        Card("se_hamlets"),
        Card("se_hamlet_digital_teams"),
        Card("se_citizen_app_accounts"),
        Card("se_cameras"),
        Card("se_epayments"),
        Card("se_epayment_value"),
        Card("se_digital_addresses"),
        Card("se_website_visits"),
    ),
    charts=(
        Chart(
            "pilot_before_after",
            "before_after",
            (
                "se_cooperative_income",
                "se_website_visits",
                "doc_reported_backlog",
                "doc_accounts",
                "doc_signatures_people",
                "doc_signatures_organisations",
                "se_broadcast_staff",
                "se_household_internet_rate",
                "se_smartphone_rate",
            ),
            on_wall=True,
        ),
    ),
    default_period="month",
)
