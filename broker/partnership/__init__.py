"""Administration, by whoever holds the roots: HOME, enrolment, certificates, provisioning, profiles."""
