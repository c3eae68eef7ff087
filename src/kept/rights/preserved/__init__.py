"""Copies of what was refused: sealed, preserved as long as the law wants, then destroyed. PDPA s.22A."""
