"""What a program would take on the card, and what it waits for: a model that listens to a functional run."""
