"""The explorer: the reports' own charts and tables, live, by family, year and directorate."""
