"""Data that people take along: sent to another provider's site, and taken in from one. GDPR Art. 20."""
