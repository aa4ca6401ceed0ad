"""Reports: formats, charts, notebooks. They draw tables, whatever computed them."""
