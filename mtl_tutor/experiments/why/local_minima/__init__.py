"""Local minima: parity of four bits in four units, and the loss of XOR on a plane."""
