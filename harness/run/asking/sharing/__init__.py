"""One run shared by several processes: who asks which question, and what was answered."""
