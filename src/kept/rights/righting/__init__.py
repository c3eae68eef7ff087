"""The right of rectification: what is wrong becomes right in every system, and is read again. GDPR Art. 16."""
