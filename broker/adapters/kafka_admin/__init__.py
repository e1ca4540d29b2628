"""Provisioning: what a partnership's table and directory ask of a cluster, what is there, and the way between the two.

Read in this order: `state` (values), `wanted` (from the table), `plan` and `words` (the difference; pure), `cluster`
(the brokers, through `confluent_kafka`, an optional dependency that nothing else imports).
"""
