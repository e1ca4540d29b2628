"""The one door to SQLAlchemy: a principal's own database, SQLite in its folder or PostgreSQL by address.

Promise: no value that was stored or asked for appears in any fault, and a store need not know which engine it
has. Statements are portable: `:named` parameters; types TEXT, INTEGER (64 bits) and BLOB; values str, int,
bytes and None. A colon that begins no parameter is written `\\:`.
"""

from broker.adapters.sql.database import PATIENCE, SqlDatabase

__all__ = ["PATIENCE", "SqlDatabase"]
