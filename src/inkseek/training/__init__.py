"""What every trained system shares: recipes, runs, checkpoints. Lightning does the loop."""
