"""Galleries on disk: opened, searched, enrolled into, erased from, verified.

Everything lies in a temporary folder, in `PRUM_BENCH_DIR` where that is set; the JSON file says
what file system and device that is. Files that were just written are in the page cache.
"""
