"""What a ledger entry may say: one kind a fact, spelled as in the domain events."""

from enum import StrEnum


class EntryKind(StrEnum):
    """Kinds of ledger entries. A kind, once written, is never renamed: old records keep it for ever."""

    PACKAGE_ADMITTED = "PackageAdmitted"
    ADMISSION_IGNORED = "AdmissionIgnored"
    EVIDENCE_TOUCHED = "EvidenceTouched"
    EVIDENCE_COLLECTED = "EvidenceCollected"
    GATES_CHECKED = "GatesChecked"
    APPROVAL_REQUESTED = "ApprovalRequested"
    APPROVAL_DELIVERED = "ApprovalDelivered"
    APPROVERS_REMINDED = "ApproversReminded"
    APPROVAL_ESCALATED = "ApprovalEscalated"
    VOTE_CAST = "VoteCast"
    VOTE_REFUSED = "VoteRefused"
    VOTES_VOIDED = "VotesVoided"
    APPROVAL_SETTLED = "ApprovalSettled"
    REGISTRY_STATUS_SET = "RegistryStatusSet"
    DECISION_ELSEWHERE = "DecisionElsewhere"
    REGISTRY_STATUS_UNCHANGED = "RegistryStatusUnchanged"
    RELEASE_CONCLUDED = "ReleaseConcluded"
    POLICY_ACCEPTED = "PolicyAccepted"
    POLICY_REFUSED = "PolicyRefused"
    POLICY_PARAMETER_DELETED = "PolicyParameterDeleted"
    RECONCILE_MENDED = "ReconcileMended"
