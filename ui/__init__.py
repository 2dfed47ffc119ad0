"""The face: what frames a page, the guard, the server around it, tables, charts and words."""
