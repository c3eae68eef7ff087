"""What moves the clock of a case: what was asked of the person, a fee, another law; and the daily mail to the officers.

Read by the actions and pages of the rights room: see `kept.rights.actions.pausing`.
"""
