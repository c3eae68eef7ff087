"""Letters that came by post: scanned, with the day on which they came. Clocks of what they ask for begin then."""
