"""What is counted, how, and under which official rule."""
