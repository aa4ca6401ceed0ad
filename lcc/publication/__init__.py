"""Open data: tables protected, described and packaged for a portal."""
