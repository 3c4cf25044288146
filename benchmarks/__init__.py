"""Timings, to be read as ratios within one run; no test depends on them."""
