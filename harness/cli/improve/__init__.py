"""Commands that improve a prompt: feedback, improve, prompt, split, holdout."""
