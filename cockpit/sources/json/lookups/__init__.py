"""What is looked up out of a list that a program prints or an address answers: changes, failing requests."""
