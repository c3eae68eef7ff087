from kept.collection.mail.models import InboundMail, MailItem, MailPiece

__all__ = ["InboundMail", "MailItem", "MailPiece"]
