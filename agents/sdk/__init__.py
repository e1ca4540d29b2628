"""A sector author's kit: agent, formats, importer and test harness; `mapping` reads records, `store` holds them."""
