"""Report: formats, charts and notebooks. It draws tables and knows nothing of what computed them."""
