"""The circuit's equations, one pure scalar function each, with source and units; imports nothing of ours."""
