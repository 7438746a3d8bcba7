"""From a study's Plan to a folder of results, which resumes by itself.

Begin with `run`. `units` is the work, cut into pieces; `store` keeps their tables on disk, `fingerprint` knows whether
they are still valid, `publish` and `standard` make summary and figure, `manifest` and `provenance` say what was run.
"""
