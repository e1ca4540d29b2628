"""Administration of a partnership by the holders of its root keys: HOME, enrolment, certificates, brokers, profiles."""
