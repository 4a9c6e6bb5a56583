"""Sending requests: concurrency, rate limits, budget, prices, answer cache, log of exchanges."""
