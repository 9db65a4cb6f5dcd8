"""How it comes in: connectors, field maps, the pull and its scheduler."""

from connectors.connector import Factory
from connectors.files import files_connector
from connectors.rest import rest_connector

CONNECTORS: dict[str, Factory] = {"rest": rest_connector, "files": files_connector}
"""Each connector by its name in the configuration."""
