"""What is right: pure rules from a snapshot to findings. No database, no HTTP, no clock."""
