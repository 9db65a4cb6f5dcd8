"""The panels, in the order of the navigation; one declarative file each."""

from dashboard.panel import Panel
from dashboard.panels.documents import PANEL as DOCUMENTS
from dashboard.panels.education import PANEL as EDUCATION
from dashboard.panels.health import PANEL as HEALTH
from dashboard.panels.overview import PANEL as OVERVIEW
from dashboard.panels.public_services import PANEL as PUBLIC_SERVICES
from dashboard.panels.socio_economic import PANEL as SOCIO_ECONOMIC

PANELS: tuple[Panel, ...] = (OVERVIEW, SOCIO_ECONOMIC, PUBLIC_SERVICES, DOCUMENTS, HEALTH, EDUCATION)
BY_ID = {panel.id: panel for panel in PANELS}
BY_PATH = {panel.path: panel for panel in PANELS}
