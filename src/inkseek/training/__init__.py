"""What every trained system shares: recipes and checkpoints. Lightning does the loop."""
