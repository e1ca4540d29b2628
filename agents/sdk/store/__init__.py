"""An organisation's own record store: what is written, what is asked, and which records are one person."""
