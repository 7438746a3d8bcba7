"""Verdicts that are kept are the ones that were come to, and are not used once anything has changed."""

import math
import os
from dataclasses import replace

import pytest

from habenula_rl import findings
from habenula_rl.computing import same_code
from habenula_rl.config.bundled import bundled
from habenula_rl.findings import checking, kept

CLAIM = {"n_subjects": 8, "kept": True}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "verdicts"


def as_text(verdicts):
    return [repr(v) for v in verdicts]  # NaN is no NaN's equal


def test_what_was_kept_is_what_was_come_to_and_nothing_is_simulated_for_it(folder, monkeypatch):
    first = findings.verdicts("pessimism", **CLAIM)
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(checking, "_at_once", lambda *_: pytest.fail("simulated again"))
    assert as_text(findings.verdicts("pessimism", **CLAIM)) == as_text(first)
    assert as_text(findings.verdicts("pessimism", **CLAIM)) != as_text([replace(v, value=0.0) for v in first])


@pytest.mark.parametrize("change", [{"n_subjects": 9}, {"seed": 4}])
def test_other_subjects_or_another_seed_are_others(folder, change):
    first = findings.verdicts("pessimism", **CLAIM)
    other = findings.verdicts("pessimism", **CLAIM | change)
    assert len(list(folder.iterdir())) == 2 and other[0].value != first[0].value


def test_an_edit_of_the_package_in_the_same_process_is_no_kept_verdict(folder, tmp_path, monkeypatch):
    """What the process runs is what it imported; neither that nor the file's new text may stand for the other."""
    file = tmp_path / "package" / "rule.py"
    file.parent.mkdir()
    file.write_text("a = 1\n")
    os.utime(file, (1.0, 1.0))  # long before
    monkeypatch.setattr(same_code, "PACKAGE", file.parent)
    monkeypatch.setattr(kept, "code", same_code.code.__wrapped__)
    study, config = bundled("experiments") / "pessimism.py", bundled("configs") / "pessimism.yaml"
    first = kept.key(study, config, 8)
    assert first is not None and kept.key(study, config, 8) == first
    file.write_text("a = 2\n")
    assert kept.key(study, config, 8) is None
    findings.verdicts("pessimism", **CLAIM)
    assert not folder.exists()
    os.utime(file, (2.0, 2.0))  # as in a process that was started after the edit
    assert kept.key(study, config, 8) not in (None, first)


def test_without_being_asked_nothing_is_kept(folder):
    findings.verdicts("pessimism", n_subjects=8)
    assert not folder.exists()


def test_the_key_changes_with_each_file_and_each_value(tmp_path):
    study, config = bundled("experiments") / "pessimism.py", bundled("configs") / "pessimism.yaml"
    texts = (study.read_text(encoding="utf-8"), config.read_text(encoding="utf-8"))
    other = [tmp_path / "other.py", tmp_path / "other.yaml"]
    for path, text in zip(other, texts, strict=True):
        path.write_text(f"{text}# \n", encoding="utf-8")
    keys = {kept.key(study, config, 8), kept.key(other[0], config, 8), kept.key(study, other[1], 8)}
    assert len(keys | {kept.key(study, config, 9), kept.key(study, config, 8, None)}) == 5


def test_a_file_that_is_no_longer_whole_is_none(folder):
    findings.verdicts("pessimism", **CLAIM)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    assert kept.found(path.stem) is None
    assert not math.isnan(findings.verdicts("pessimism", **CLAIM)[0].value)


def test_verdicts_are_shown_as_they_come_kept_or_not():
    shown: list = []
    for _ in range(2):
        findings.verdicts("pessimism", found=shown.append, **CLAIM)
    assert [[row.id for row in rows] for rows in shown] == [
        ["pessimism/helpless", "pessimism/healthy", "pessimism/difference"]
    ] * 2


def test_seeds_are_counted_beside_the_studys_own():
    found = findings.verdicts("pessimism", n_subjects=8, seeds=2)
    assert [(v.seeds.sets, v.seed) for v in found] == [(2, 1)] * 3
    apart = [findings.verdicts("pessimism", n_subjects=8, seed=1 + k) for k in (1, 2)]
    for k, row in enumerate(found):
        assert row.seeds.passed == sum(rows[k].passed for rows in apart)
    with pytest.raises(ValueError, match="whole number of seeds, 0 or more, not -1"):
        findings.verdicts("pessimism", n_subjects=8, seeds=-1)
