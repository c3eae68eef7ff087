"""Refusing a request: on a ground that the law knows, with reasons, by two officers, and never in silence.

GDPR Art. 12(4), (5); promise 11.4. What is left out of an answer is an exemption: `kept.rights.exemptions`.
"""
