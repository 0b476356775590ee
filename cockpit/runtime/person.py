"""Who sits at the keyboard: the user and the machine, as far as the system knows them."""

import getpass
import os
from socket import gethostname

from sessions.text.clean import clean


def person() -> str:
    """Return `user@host`, cleaned; a user without a name is a number."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{clean(user, 40)}@{clean(gethostname(), 80)}"
