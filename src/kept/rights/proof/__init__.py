"""Proof of identity, the same for every door: which steps suffice for which act, and what each of them showed."""
