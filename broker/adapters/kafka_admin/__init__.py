"""Provisioning: a cluster's desired state (from the table of access and the directory), its current state, and the
plan.

Read in this order: `current` (values), `desired` (from the table), `plan` and `findings` (the difference; pure),
`cluster` (the brokers, through `confluent_kafka`, an optional dependency that nothing else imports).
"""
