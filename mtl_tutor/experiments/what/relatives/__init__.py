"""Joint training beside its relatives: pre-training, multi-label learning, separate fits that are combined."""
