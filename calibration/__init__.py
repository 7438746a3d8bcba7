"""Calibration: targets, a distance, a search that can be repeated, the ensemble that it leaves, and ablations."""
