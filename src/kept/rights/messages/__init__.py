"""The conversation on a request: what we write to its person, and what they write to us, on their page or by mail.

What is asked so that a clock may wait stands in `rights.timing`, and mails in `collection.mail`; both are shown here.
"""
