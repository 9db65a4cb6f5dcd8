"""What we know and what it means: schema, store, indicators. Knows no web page and no network."""
