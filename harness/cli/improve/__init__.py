"""Commands that improve a prompt or a model: feedback, improve, prompt, split, holdout, train."""
