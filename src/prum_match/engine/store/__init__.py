"""Galleries on disk: a folder of mapped columns and one small catalogue.

Only ``engine.gallery`` opens them; see ``docs/explanation/storage.md`` for what is where and why.
"""
