"""Trajectory: targets against observed and projected emissions."""
