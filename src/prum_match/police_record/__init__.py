"""Police records: people found in spite of how their names are written."""
