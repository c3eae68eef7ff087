"""Whether a mail comes from where it says: what our border found, or our own look at DKIM, SPF and DMARC."""

from kept.collection.mail.authentication.check import Verdict, Verdicts, check
from kept.collection.mail.authentication.resolver import DnsFailed, Resolver, ServerResolver, resolver_at

__all__ = ["DnsFailed", "Resolver", "ServerResolver", "Verdict", "Verdicts", "check", "resolver_at"]
