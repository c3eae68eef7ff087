"""Decisions that a computer makes about people: the register of rules, the log of decisions, review by a person."""
