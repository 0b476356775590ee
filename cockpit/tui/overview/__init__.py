"""All sessions at a glance, for those who fly two: a row for each, looked at again and again."""
