"""What we remember: one store on SQLite or PostgreSQL, published moments, evidence that stays."""
