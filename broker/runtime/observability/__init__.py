"""One process as it is seen from outside: /livez, /readyz, /metrics."""
