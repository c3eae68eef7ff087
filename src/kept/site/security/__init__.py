"""The pages of the security room: they stand here because they show what every room holds."""
