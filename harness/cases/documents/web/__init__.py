"""HTML and e-mail: markup, encodings and what a reader sees of them."""
