"""The network: HTTP client, rate limits, robots.txt, deadlines."""
