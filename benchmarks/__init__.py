"""Speed and size of prum_match beside its rivals; `python -m benchmarks --help`.

One folder a task, one file a library: ``<task>/<library>.py``; those on faces are in ``face/``.
Ours and every installed rival run in one process, on the same data, pass by pass in turn, and
their answers are compared.
"""
