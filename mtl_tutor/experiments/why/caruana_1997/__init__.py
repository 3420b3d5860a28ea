"""Experiments of Caruana (1997), run again on toys of ours: its tables, its controls, and what it says in passing."""
