"""Training jobs: nothing trains in the embedded cloud, so one that a version came from is put in place, finished."""

import time

from local import admin


def trained(engine_url: str, group: str, *, image: str, model: str) -> str:
    """The ARN of a finished training job that made the model of a group, on that group's data."""
    bucket = model.removeprefix("s3://").partition("/")[0]
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{group}/train/"}}
    job = {
        "TrainingJobName": f"{group}-{time.time_ns()}",
        "TrainingJobStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": model},
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": source}],
    }
    return str(admin.call(engine_url, "POST", "seed", job)["TrainingJobArn"])
