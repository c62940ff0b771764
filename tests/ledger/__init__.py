"""Which rules of the ledger the tests show, and whether they notice when a figure moves.

``python -m tests.ledger [id or document …]``; see ``__main__``.
"""
