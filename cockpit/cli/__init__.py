"""The command line: what it reads, what each command does, which code it ends with."""
