"""One page on which a person sees Slack, the releases, the evidence and the ledger, and plays along."""
