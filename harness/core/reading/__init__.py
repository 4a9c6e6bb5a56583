"""Reading text as a number, date, moment, duration, amount of money or folded text."""
