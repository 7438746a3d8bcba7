"""How agents, tasks and interventions show themselves."""

import habenula_rl as hrl
from habenula_rl.agents import HabenulaAgent


def test_only_what_differs_from_the_default_is_shown():
    agent = HabenulaAgent(hyperactivity=1.0, beta=3)
    assert repr(HabenulaAgent()) == "HabenulaAgent()"
    assert eval(repr(agent)) == agent
    assert repr(hrl.tasks.ShuttleBox(escapable=False)) == "ShuttleBox(escapable=False)"


def test_what_an_agent_was_given_is_shown():
    treated = hrl.Ketamine(dose="10 mg/kg", hours_before=1.0)(HabenulaAgent(hyperactivity=1.0))
    assert repr(treated).startswith(
        "given(HabenulaAgent(hyperactivity=1.0), [Ketamine(dose_mg_per_kg=10.0, hours_before=1.0"
    )


def test_in_a_notebook_changed_parameters_come_first():
    shown = HabenulaAgent(vigour=12.0)._repr_html_()
    assert shown.index("<b>vigour</b>") < shown.index("<td>hyperactivity</td>")
    assert shown.count("<b>vigour</b>") == 1


def test_completion_offers_what_is_public():
    assert {name for name in dir(hrl) if not name.startswith("__")} | {"__version__"} == set(hrl.__all__)
