"""The page about an improvement: its versions, what each changed, what may be claimed."""
