"""Requests that somebody makes for another person: an authorised agent, a parent, a guardian."""
