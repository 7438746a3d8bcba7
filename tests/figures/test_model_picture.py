"""The model's picture names modules and functions that are there, and is drawn from code alone."""

import importlib
import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "docs/examples/model.py"


def test_each_box_names_where_its_equations_are(tmp_path):
    spec = importlib.util.spec_from_file_location("model_picture", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for *_, place in script.BOXES.values():
        try:
            importlib.import_module(f"habenula_rl.{place}")
        except ModuleNotFoundError:
            module, _, function = place.rpartition(".")
            assert callable(getattr(importlib.import_module(f"habenula_rl.{module}"), function))
    script.main(tmp_path)
    assert b">lateral habenula</text>" in (tmp_path / "model.svg").read_bytes()
