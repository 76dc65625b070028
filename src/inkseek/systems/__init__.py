"""One folder a system: configuration, models, objective, training. None imports another."""
