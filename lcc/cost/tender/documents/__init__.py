"""What is written: annex, letters, full record, as content that others draw."""
