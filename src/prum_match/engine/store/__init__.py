"""Storage of galleries: in memory, or in a folder of mapped columns with a small catalogue.

``docs/explanation/storage.md`` describes the folder and the reasons for its layout.
"""
