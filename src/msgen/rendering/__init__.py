"""`Plan` and `Pack` in, `Tree` out: every file of the repository, in memory."""
