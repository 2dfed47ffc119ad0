"""One file a use case. Workflows know the three ground-floor rooms and nothing of the browser."""
