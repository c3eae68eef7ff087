"""Kept runs a privacy policy."""

__version__ = "0.1.0"
