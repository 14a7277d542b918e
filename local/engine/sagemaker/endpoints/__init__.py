"""SageMaker endpoints, their models and configurations: documented states, timing, events, on the simulated clock."""
