"""Service Quotas of SageMaker: one table for the API and for what endpoints may use."""
