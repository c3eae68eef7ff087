"""How the desk stands, for its officers; and what the public may know of it."""
