"""A rule from its file: consistent, not refused, frozen by a hash."""
