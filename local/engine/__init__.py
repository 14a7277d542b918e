"""The engine of the embedded cloud: ministack as a child process, with SageMaker and our patches."""
