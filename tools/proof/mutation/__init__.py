"""Small faults, put into a copy of the tree one at a time, and the tests that notice them."""
