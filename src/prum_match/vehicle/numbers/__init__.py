"""Registration and chassis numbers: normalising, syntax, patterns."""
