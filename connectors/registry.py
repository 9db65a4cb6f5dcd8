"""Every connector by its name: a new one is a file and a line here."""

from connectors.connector import Factory
from connectors.dhis2 import dhis2_connector
from connectors.edxml import edxml_connector
from connectors.files import files_connector
from connectors.oneroster import oneroster_connector
from connectors.rest import rest_connector
from connectors.sql import sql_connector

CONNECTORS: dict[str, Factory] = {
    "rest": rest_connector,
    "sql": sql_connector,
    "dhis2": dhis2_connector,
    "files": files_connector,
    "edxml": edxml_connector,
    "oneroster": oneroster_connector,
}
"""Each connector by its name in the configuration."""
