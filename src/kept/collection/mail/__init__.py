"""Mail that comes in: kept as it came, read, told apart into wishes, and handed on as requests. Promises 2.2, 11.5."""
