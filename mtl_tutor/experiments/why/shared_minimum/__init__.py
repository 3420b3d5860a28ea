"""The minimum that two tasks share: which of two features a net reads, and when a task avoids the features of another."""
