"""Vehicle registrations: exact queries across borders, and fuzzy search at home."""
