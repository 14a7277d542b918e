"""Texts of policies for tests, each valid as it stands."""

STANDARD = """\
version: 1
owner: {team: fraud, contacts: [U0OLGA]}
channel: C0FRAUD
tier: standard
mode: enforce
gates:
  metrics:
    - {name: auc, minimum: 0.85}
    - {name: rmse, maximum: 4.0, document: model_quality}
    - {name: auc, against_production: {max_drop: 0.01}}
  bias: [{metric: DPPL, facet: customer_gender_female, max_abs: 0.1}]
  explainability: {required: true, max_top_share: 0.6}
  model_card: {statuses: [Approved]}
  lineage: {require: [training_job, training_data, source_commit]}
  images: {repositories: ["111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud"], digest: required}
approvers:
  - {role: data_science, people: [U0ANNA, U0BEN], count: 1}
  - {role: ml_engineering, user_group: S0MLENG, count: 1}
approval:
  expires_after: 24h
  on_expiry: reject
  remind_after: [4h, 12h]
  escalate: {after: 20h, to: [U0OLGA, "schedule:ml-oncall"]}
"""

PILOT = """\
version: 1
owner: {team: search, contacts: [U0OLGA]}
tier: pilot
mode: recommend
approvers:
  - {role: data_science, people: [U0ANNA]}
"""

CRITICAL = """\
version: 1
owner: {team: credit, contacts: [U0OLGA]}
tier: critical
mode: enforce
gates:
  metrics: [{name: auc, minimum: 0.9}]
  images: {repositories: ["111122223333.dkr.ecr.us-east-1.amazonaws.com/credit"]}
approvers:
  - {role: data_science, people: [U0ANNA, U0BEN]}
  - {role: risk, people: [U0DANA, U0BEN]}
"""
