"""Tools for the tests of a host, shipped with the library: a fault transport, a virtual clock."""
