"""From a YAML file to a study that can be run, or every mistake in it at once; no code of a config is run to read it.

Begin with `study`, what a config says and how it is loaded. `yaml_source` reads the file, `draft` is a config in which
anything may still be wrong, `checks`, `values`, `limits`, `contexts` and `overlaps` say what is, as `problems`.
`overrides` puts the command line's settings in, `user_modules` loads a user's agents, tasks and environments. `plan`
makes of a sound study what is run: agents, tasks, interventions and hours as objects, each once.
"""
