"""The transparency log towards the outside: its key, what is published, who watches. Its rows: `postgres`."""
