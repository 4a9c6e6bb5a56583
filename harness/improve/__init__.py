"""From results to a better prompt: what goes wrong, what to try, and whether it helped."""
