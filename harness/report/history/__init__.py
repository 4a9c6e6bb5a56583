"""Past runs made readable: the index page, the trends page, the table in a terminal."""
