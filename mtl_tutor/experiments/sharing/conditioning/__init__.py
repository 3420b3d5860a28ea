"""Tell the net which task it is: codes, additions of low rank, tokens."""
