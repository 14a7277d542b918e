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

ROLLOUT = """\
rollout: {target: {endpoint: fraud}, alarms: [fraud-5xx]}
"""

RESPONSE = """\
watch:
  for: 5d
  alarms: {checkout-errors: errors, conversion-low: kpi, fraud-odd: }
  monitors: [fraud-data-quality]
  metrics:
    - {name: psi, namespace: Team/Drift, metric: PSI, dimensions: {Endpoint: "{endpoint}"}, stat: Maximum, above: 0.2, cause: data_quality}
  compare: [errors]
rollback:
  on: [availability, errors, data_quality]
  cool_down: 2h
  at_most: 1
  recover_within: 20m
  retrain: {pipeline: fraud-training, on: [data_quality]}
paging:
  runbook: https://wiki.example.internal/fraud
  repeat: 20m
  silence: 3h
  freeze: warning
  group: 10m
  reopen: 2h
  responders: [{role: oncall, user_group: S0ONCALL}]
  pagerduty: {secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:fraud-pager-AbCdEf"}
  topics: {sms: "arn:aws:sns:eu-central-1:111122223333:fraud-sms"}
  webhooks: {ops: {url: "https://ops.example.com/pages", secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ops-AbCdEf"}}
  routes:
    - severity: [critical, error]
      hours: {time_zone: Europe/Zurich, days: [mon-fri], from: 08:00, to: 18:00}
      levels:
        - {to: [channel, "schedule:fraud"]}
        - {after: 5m, to: [pagerduty]}
    - severity: [critical, error]
      levels: [{to: [pagerduty, "sns:sms", "webhook:ops"]}]
    - levels: [{to: [channel]}]
"""
"""All that a policy can say about production that goes wrong; it goes behind one of the policies with `ROLLOUT`."""
