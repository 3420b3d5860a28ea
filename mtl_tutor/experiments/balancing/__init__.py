"""Experiments of the part "Balancing": units of losses, weights that learn, gradients that conflict."""
