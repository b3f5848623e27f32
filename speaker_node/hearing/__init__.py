"""What was heard of what was sounded: ears at the pole, proof, the monthly self-test."""
