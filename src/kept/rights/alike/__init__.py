"""Requests that may be one: the same person with several addresses, or the same request by two doors. And requests that
are not one, although they name the same address."""
