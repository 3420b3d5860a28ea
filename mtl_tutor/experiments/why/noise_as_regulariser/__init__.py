"""Noise as a regulariser: outputs that ask for noise, and other places where noise enters, beside weight decay."""
