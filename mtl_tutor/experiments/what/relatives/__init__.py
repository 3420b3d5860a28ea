"""Joint training beside transfer: pre-training, then tuning or freezing."""
