"""Merge nets after training: averages of weights, sums of task vectors."""
