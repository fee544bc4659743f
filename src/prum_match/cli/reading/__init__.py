"""Reading of the files that commands are given."""
