"""SageMaker endpoints with their models and configurations: documented states, timing and events on the simulated clock."""
