"""A pretend Okta organization behind real HTTP. It knows nothing of Countersign."""
