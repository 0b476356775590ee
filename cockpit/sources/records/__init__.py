"""The questions that are put to the service's database, a file each."""
