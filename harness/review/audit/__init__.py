"""The audit of ground truth: questions where systems contradict it, and what people answered."""
