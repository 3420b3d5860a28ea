"""What one net for several tasks gains, and what it saves, against a net for each."""
