"""The part of SageMaker that the product talks to: the model registry, and the lineage that evidence is read from."""
