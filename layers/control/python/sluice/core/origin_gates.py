"""Gates on where a model comes from: its card, its lineage, its container images."""

from collections.abc import Iterator

from sluice.model.approval import GateVerdict
from sluice.model.evidence import DocumentStatus, Evidence, Lineage
from sluice.model.gates import GateResult, LookedAt
from sluice.model.package import Container
from sluice.model.policy_in_force import DigestRule, ImageRule, LineageFact, LineageRule, ModelCardRule

_ADVICE = {
    LineageFact.TRAINING_JOB: "register the version with MetadataProperties.GeneratedBy naming its training job "
    "or pipeline execution",
    LineageFact.TRAINING_DATA: "train with named input channels",
    LineageFact.SOURCE_COMMIT: "register the version with MetadataProperties.CommitId",
    LineageFact.EXPERIMENT_RUN: "train within an experiment (ExperimentConfig of the training job or pipeline)",
    LineageFact.IMAGE_DIGEST: "name the container image by its digest (ImageDigest or IMAGE@sha256:...)",
}


def card_result(rule: ModelCardRule, evidence: Evidence) -> GateResult:
    """The model card is there, can be read, and has one of the statuses asked for."""
    card, wanted = evidence.card, " or ".join(status.value for status in rule.statuses)
    at = (LookedAt(evidence.package_arn, "ModelCard"),)
    if card is None:
        verdict, reason = GateVerdict.MISSING, "the package has no model card"
        advice = f"add a model card to the version and bring it to {wanted}"
    elif card.reading is not DocumentStatus.PRESENT:
        verdict, reason = GateVerdict.MISSING, f"the model card is {card.reading.value}: {card.reason}"
        advice = "complete the model card, or let Sluice's role decrypt it"
    elif card.status not in rule.statuses:
        verdict, reason = GateVerdict.FAILED, f"the model card is {card.status or 'without status'}, not {wanted}"
        advice = f"have the model card reviewed and set to {wanted}"
    else:
        verdict, reason, advice = GateVerdict.PASSED, f"the model card is {card.status}", ""
    return GateResult("model_card", verdict, rule.required, reason, advice=advice, looked_at=at)


def lineage_results(rule: LineageRule, evidence: Evidence) -> Iterator[GateResult]:
    """One result for each fact that the policy asks for; a fact is known or missing."""
    for fact in rule.require:
        known = _known(fact, evidence)
        why = next((f" ({u.arn}: {u.reason})" for u in evidence.lineage.unread), "") if not known else ""
        what = fact.value.replace("_", " ")
        yield GateResult(
            gate=f"lineage.{fact.value}",
            verdict=GateVerdict.PASSED if known else GateVerdict.MISSING,
            required=rule.required,
            reason=f"{what}: {known}" if known else f"the {what} is not known{why}",
            advice="" if known else _ADVICE[fact],
            looked_at=(LookedAt(evidence.lineage.generated_by or evidence.package_arn, fact.value),),
        )


def image_result(rule: ImageRule, evidence: Evidence) -> GateResult:
    """Every container's image comes from an approved repository and is fixed by a digest where that is asked for."""
    at = tuple(LookedAt(evidence.package_arn, f"Containers[{i}].Image") for i in range(len(evidence.containers)))
    unnamed = not evidence.containers or any(not c.image for c in evidence.containers)
    problems = [p for c in evidence.containers if c.image and (p := _image_problem(rule, c, c.image))]
    if problems:
        verdict, reason = GateVerdict.FAILED, "; ".join(dict.fromkeys(problems))
        advice = "use an image of an approved repository, named by its digest"
    elif unnamed:
        verdict, reason = GateVerdict.MISSING, "the package names no container image"
        advice = "register the version with an InferenceSpecification that names its images"
    else:
        images = dict.fromkeys(str(c.image) for c in evidence.containers)
        verdict, reason, advice = GateVerdict.PASSED, f"approved: {', '.join(images)}", ""
    return GateResult("images", verdict, rule.required, reason, advice=advice, looked_at=at)


def pinned_digest(container: Container) -> str | None:
    """The digest that fixes the container's image, None where it is only named by a tag."""
    _, _, inline = (container.image or "").partition("@")
    return inline.lower() or (container.image_digest.lower() if container.image_digest else None)


def _known(fact: LineageFact, evidence: Evidence) -> str:
    lineage = evidence.lineage
    match fact:
        case LineageFact.TRAINING_JOB:
            return _some(t.arn for t in lineage.trainings)
        case LineageFact.TRAINING_DATA:
            known = lineage.trainings and all(t.inputs for t in lineage.trainings)
            return _some(c.uri for t in lineage.trainings for c in t.inputs) if known else ""
        case LineageFact.SOURCE_COMMIT:
            return (lineage.source_commit or "").strip()
        case LineageFact.EXPERIMENT_RUN:
            return _experiment(lineage)
        case LineageFact.IMAGE_DIGEST:
            digests = [pinned_digest(c) for c in evidence.containers]
            return _some(d for d in digests if d) if all(digests) else ""


def _experiment(lineage: Lineage) -> str:
    for training in lineage.trainings:
        names = [n for n in (training.experiment, training.trial, training.run) if n]
        if training.run or training.experiment:
            return "/".join(names)
    pipeline = lineage.pipeline
    return "/".join(n for n in (pipeline.experiment, pipeline.trial) if n) if pipeline else ""


def _some(texts: Iterator[str]) -> str:
    found = list(dict.fromkeys(texts))
    return ", ".join(found[:2]) + (f" and {len(found) - 2} more" if len(found) > 2 else "")


def _image_problem(rule: ImageRule, container: Container, image: str) -> str:
    name, _, inline = image.partition("@")
    repository = _without_tag(name)
    declared = container.image_digest
    if repository not in rule.repositories:
        return f"{image} does not come from an approved repository"
    if inline and declared and inline.lower() != declared.lower():
        return f"{image} contradicts its ImageDigest {declared}"
    if rule.digest is DigestRule.REQUIRED and pinned_digest(container) is None:
        return f"{image} is named by a tag only, which can come to mean another image"
    return ""


def _without_tag(name: str) -> str:
    path, slash, last = name.rpartition("/")
    return path + slash + last.partition(":")[0]
