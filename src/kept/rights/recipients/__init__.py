"""Whom we gave data, and that they are told what became of them. GDPR Art. 19; PDPA s.22(2)(b)."""
