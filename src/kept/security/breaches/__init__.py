"""The breach register: what happened, whom the law wants told and by when, and the texts for it."""
