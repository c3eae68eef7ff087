"""Ending a use in the company's own systems: an objection, or a restriction, set there as a mark and taken back."""
