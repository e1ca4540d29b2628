"""A principal's own database: SQLite in its folder, by the standard library's `sqlite3`.

Promise: no value that was stored or asked for appears in any fault, and a store need not know which engine it
has. Statements are portable (tests/postgresql prepares each on a real PostgreSQL): `:named` parameters; types
TEXT, INTEGER (64 bits) and BLOB; values str, int, bytes and None.
"""

from broker.adapters.sql.database import PATIENCE, SqlDatabase

__all__ = ["PATIENCE", "SqlDatabase"]
