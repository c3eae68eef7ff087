"""Any bytes that call themselves a mail, as a readable value. Bounded in size, depth and time; raises nothing."""

from kept.collection.mail.parsing.message import Attachment, Mail, read_mail

__all__ = ["Attachment", "Mail", "read_mail"]
