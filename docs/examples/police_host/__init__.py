"""A host: what a state runs around the library, on its own register and its own line.

`register` is the state's register, `people` fills it with invented persons, `mirror` keeps the
galleries in step with it, `line` carries messages, `contact_point` asks and answers, `night`
searches again, and `desk` runs all of it in a process of its own. ``python -m police_host`` plays a
story with two states.
"""
