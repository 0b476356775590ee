"""A clock that may fall behind the machine's: what a demo goes by where the machine cannot keep pace."""
