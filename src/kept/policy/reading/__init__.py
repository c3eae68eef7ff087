"""Reading somebody's policy from a file: Markdown, HTML, DOCX or plain text. No Django, no network."""
