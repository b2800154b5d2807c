"""Letters: what stands on paper, and who takes it."""
