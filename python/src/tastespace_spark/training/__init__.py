"""Training on several machines: blocks of interactions, with the bits of one machine."""
