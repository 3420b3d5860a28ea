"""Which architecture? All of them over relatedness, samples and capacity, tuned as hard as their baseline."""
