"""How it comes in: connectors, field maps, the pull and its scheduler."""
