"""Commands that make and check ground truth."""
