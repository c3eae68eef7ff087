"""Legal time: how long a law gives, counted as it says, and explained. No Django, no store, no clock on the wall."""
