"""Experiments of the part "What": one network, many tasks; tasks apart, tied or as one."""
