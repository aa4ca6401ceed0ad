"""What explains a doubt, what a measurement takes away of it, which measurements to make."""
