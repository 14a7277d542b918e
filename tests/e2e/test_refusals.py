"""What is refused, put aside or held back, on the real template: nothing is lost and everybody is told why."""

import json

from local.cloud import Cloud
from local.team import ANNA, BEN, CHEN, POLICY, REPOSITORY, Team


def test_a_request_for_changes_holds_the_approval_until_its_author_approves(team: Team, group: str) -> None:
    team.enrol(group)
    arn = team.register(group)

    team.answer(BEN, group, "decide_request_changes", "Say how the threshold was chosen")
    team.until(lambda: team.entries(group, "VoteCast"), "Ben's request")
    team.until(lambda: team.heard(ANNA, "Say how the threshold was chosen"), "word to Anna, who registered it")
    team.press(CHEN, group)
    team.until(lambda: len(team.entries(group, "VoteCast")) == 2, "Chen's approval")
    held = team.status(arn)
    team.press(BEN, group)
    team.concluded(group, "approved")

    assert held == "PendingManualApproval"
    assert team.status(arn) == "Approved"


def test_an_invalid_policy_is_refused_with_its_line_and_the_last_valid_one_stays_in_force(
    team: Team, group: str
) -> None:
    team.enrol(group)
    name = f"/sluice/policies/{group}"
    broken = POLICY.replace("REPOSITORY", f'"{REPOSITORY}"').replace("minimum: 0.85", "minimum: high")

    team.write(name, broken)
    refused = team.until(lambda: team.entries(group, "PolicyRefused"), "the refusal")
    arn = team.register(group, auc=0.84)
    team.concluded(group, "gates_failed")

    line = next(n for n, text in enumerate(broken.splitlines(), 1) if "minimum: high" in text)
    assert f'"line": {line}' in json.dumps(refused[0]["body"])
    assert "below the minimum 0.85" in team.description(arn)
    history = team.cloud.client("ssm").get_parameter_history(Name=name)["Parameters"]
    assert [version.get("Labels", []) for version in history] == [["live"], []]


def test_a_message_that_cannot_be_parsed_is_put_aside_with_its_reason_and_its_neighbours_go_on(
    cloud: Cloud, team: Team, group: str
) -> None:
    team.enrol(group)
    cloud.plan_fault({"event": {"copies": 0, "group": group}})
    arn = team.register(group)
    sqs = cloud.client("sqs")
    queue = sqs.get_queue_url(QueueName=_named(cloud, "AdmissionQueue"))["QueueUrl"]
    aside = sqs.get_queue_url(QueueName=_named(cloud, "AdmissionDlq"))["QueueUrl"]
    event = {
        "version": "0",
        "id": "one",
        "detail-type": "SageMaker Model Package State Change",
        "source": "aws.sagemaker",
        "account": cloud.outputs["account_id"],
        "region": cloud.outputs["region"],
        "detail": {"ModelPackageArn": arn},
    }
    bodies = ["not json", json.dumps(event | {"account": "999999999999"}), json.dumps(event)]

    sqs.send_message_batch(
        QueueUrl=queue, Entries=[{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
    )
    team.card(group)

    found: dict[str, str] = {}

    def both_aside() -> bool:
        answer = sqs.receive_message(QueueUrl=aside, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for message in answer.get("Messages", []):
            found[message["Body"]] = message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
            sqs.delete_message(QueueUrl=aside, ReceiptHandle=message["ReceiptHandle"])
        return len(found) == 2

    team.until(both_aside, "both messages aside")
    assert found[bodies[0]] == "the message is not JSON"
    assert "999999999999" in found[bodies[1]]


def _named(cloud: Cloud, logical_id: str) -> str:
    resource = cloud.client("cloudformation").describe_stack_resource(StackName="sluice", LogicalResourceId=logical_id)
    return str(resource["StackResourceDetail"]["PhysicalResourceId"]).rpartition("/")[2]
