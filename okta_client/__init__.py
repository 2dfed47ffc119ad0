"""What Okta is: addresses, one GET transport, pacing, resources, the fields we read, preflight."""
