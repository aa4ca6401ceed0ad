"""What people write and edit: dialects, encodings, hand-written files, edited tables."""
