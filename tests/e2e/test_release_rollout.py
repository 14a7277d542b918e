"""An approved version and its rollout, there and back over the bus and the queues, under the template's roles."""

from local.team import BEN, CHEN, POLICY, Team

WITH_ROLLOUT = POLICY + "rollout: {target: {endpoint: ENDPOINT}}\n"


def test_a_rollout_that_cannot_begin_ends_its_release_and_says_why(team: Team, group: str) -> None:
    """The endpoint is not there, and the policy does not say what to make it of."""
    team.enrol(group, WITH_ROLLOUT.replace("ENDPOINT", f"{group}-scoring"))
    arn = team.register(group, auc=0.91)

    team.press(BEN, group)
    team.press(CHEN, group)
    team.concluded(group, "rollout_refused")

    kinds = [entry["kind"] for entry in team.entries(group)]
    assert kinds.index("RegistryStatusSet") < kinds.index("RolloutRequested") < kinds.index("RolloutFinished")
    assert (kinds[-1], team.status(arn)) == ("ReleaseConcluded", "Approved")
    assert (team.record("package", arn.lower()) or {})["outcome"] == "rollout_refused"
