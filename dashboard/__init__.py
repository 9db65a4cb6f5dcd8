"""How it is shown: desk, wall, API. Reads the store through `queries` and nothing else."""
