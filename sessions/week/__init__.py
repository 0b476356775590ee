"""The numbers behind each task of the week: the day before, the hours of now, the report."""
