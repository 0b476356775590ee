"""Errors for the user: an input, or an answer from elsewhere, that cannot be used."""


class BadInputError(Exception):
    """One line for stderr: what, where, what to do; the command ends with 2 and nothing is lost."""


class AnswerError(Exception):
    """Whoever was asked gave no answer that can be used; the text is one short, cleaned reason without credentials."""


class UnsentError(AnswerError):
    """Nobody was asked, for want of something of our own: it says nothing of whoever would have been."""
