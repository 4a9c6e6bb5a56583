"""A model's endpoint on 127.0.0.1 that misbehaves exactly as it is told to.

In a test: `with serving(Behaviour(...)) as server:` (in `serving.py`). As a process of its own:
`python -m tests.extract.server --help`; what it counted is at `GET /counts`.
"""
