"""Text around the JSON of a reply: whether the value is the answer, or a part of a larger one."""
