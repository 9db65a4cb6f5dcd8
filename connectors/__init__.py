"""How it comes in: connectors, field maps, the pull and its scheduler."""

from connectors.connector import Factory
from connectors.rest import rest_connector

CONNECTORS: dict[str, Factory] = {"rest": rest_connector}
"""Each connector by its name in the configuration."""
