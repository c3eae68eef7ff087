"""The other addresses of a person are told of a dangerous request, and whoever reads there can stop it."""
