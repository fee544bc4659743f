"""Registration numbers: the tasks, their data and what they share. Made-up plates only."""
