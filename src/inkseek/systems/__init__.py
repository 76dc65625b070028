"""One folder a system: its configuration, models, objective and training module. None imports another."""
