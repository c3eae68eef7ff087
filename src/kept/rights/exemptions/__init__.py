"""What is left out of an answer: single records, or a table of one system, each with its law, reason and end.

A partial refusal. It is made on the review page (`kept.rights.actions.exempting`) and told to the person.
"""
