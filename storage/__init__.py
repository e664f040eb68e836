"""What is kept: schema, migrations and queries, per area. All SQL of the program is here."""
