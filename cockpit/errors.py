"""What a user is told when an input cannot be used."""


class BadInputError(Exception):
    """One line for stderr: what, where, what to do; the command ends with 2 and nothing is lost."""
