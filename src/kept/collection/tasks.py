"""What this room does by itself, part by part."""

from kept.collection.mail import tasks as mail

__all__ = ["mail"]
