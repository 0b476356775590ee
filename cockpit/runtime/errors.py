"""Errors for the user: an input, or an answer from elsewhere, that cannot be used."""


class BadInputError(Exception):
    """One line for stderr: what, where, what to do; the command ends with 2 and nothing is lost."""


class AnswerError(Exception):
    """An answer that cannot be used; the text is one short, cleaned reason without credentials."""


class UnsentError(AnswerError):
    """Nothing was sent, for a reason on our side: it says nothing about the other side."""
