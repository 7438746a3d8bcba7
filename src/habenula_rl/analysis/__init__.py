"""From tables of trials to what papers report: readouts, statistics, tidy summaries. Nothing in it simulates."""
