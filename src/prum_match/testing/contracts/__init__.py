"""Contract suites for a host's transports and responders."""
