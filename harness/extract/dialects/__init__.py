"""The languages endpoints speak: how a question is written, how an answer is read."""
