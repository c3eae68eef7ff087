"""Calls, and visits at the counter: what somebody said, and when they are to be called back."""
