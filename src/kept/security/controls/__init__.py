"""The control register: what protects the data, who answers for it, and when it was looked at. Promise 7.2."""
