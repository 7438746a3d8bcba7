"""The page: controls, what they come to, and the permalink. It is served on this machine, and fetches nothing."""

from __future__ import annotations

import json
import socket
import threading
import webbrowser
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shiny import App, Inputs, Outputs, Session, reactive, render, ui
from shiny.bookmark import restore_input
from shiny.module import resolve_id
from shiny.types import SilentException

from ..pharmacology.drugs import ROUTES, SPECIES
from . import drawing, seen
from .scene import DRUGS, MOST_SHOCKS, PRESETS, TESTS, Scene, presets

if TYPE_CHECKING:
    from starlette.requests import Request

Stops = Sequence[tuple[float, str]]  # the values that a slider can have, and how each is read
HOST = "127.0.0.1"
MOST_STEPS = 1000  # of an animal in any of the tests
PLAY_S = 0.25  # a step while the animal runs by itself
START = Scene(hours=1.0)  # helpless animals, untreated, that fail where healthy ones do not; a drug is the next step
TREATED = Scene(drug="ketamine", hours=1.0)
FIRST = (
    "Animals whose habenula is as hyperactive as in congenitally helpless rats, beside healthy ones: look at how many "
    "shocks they fail to escape. Then choose ketamine under Drug."
)


def _hours(value: float) -> str:
    return f"{60 * value:.0f} min" if value < 1 else f"{value:g} h" if value < 48 else f"{value / 24:g} days"


HOURS = (1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 1440, 2880, 4320, 10080)  # minutes
SLIDERS: Mapping[str, tuple[str, Stops]] = {
    "hyperactivity": (
        "Hyperactivity of the habenula (0 healthy, 1 congenitally helpless)",
        [(k / 10, f"{k / 10:g}") for k in range(-10, 25)],
    ),
    "shocks": (
        "Inescapable shocks of 3 s, the day before",
        [(n, f"{n:g}") for n in (0, 10, 30, 64, 100, 120, 180, 240, MOST_SHOCKS)],
    ),
    "dose": (
        "Dose",
        [(mg, f"{mg:g} mg/kg") for mg in (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 50)],
    ),
    "hours": ("Time from the dose to the test", [(round(m / 60, 10), _hours(m / 60)) for m in HOURS]),
}
WAYS = {"iv": "intravenous, bolus", "infusion": "infusion of 40 min", "ip": "intraperitoneal", "sc": "under the skin"}
ROUTES_SHOWN = {name: WAYS.get(name, name) for name in ROUTES}
CHOICES: Mapping[str, tuple[str, dict[str, str]]] = {
    "drug": ("Drug", {name: {"none": "none", "mk801": "MK-801"}.get(name, name) for name in DRUGS}),
    "route": ("Route", ROUTES_SHOWN),
    "species": ("Species (kinetics of the drug)", {name: name for name in SPECIES}),
    "test": ("Test", {name: test.label for name, test in TESTS.items()}),
}
CHOSEN = (*SLIDERS, *CHOICES)
STYLE = """
body { color: #111 } h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: 1rem; margin: .2rem 0 .3rem }
svg.panel, img.panel { width: 100%; height: auto; display: block }
svg.panel text { font: 12px system-ui, sans-serif; fill: #222 }
svg.panel .key { paint-order: stroke; stroke: #fff; stroke-width: 4px }
.slider { margin-bottom: .7rem } .slider input { width: 100%; accent-color: #0072B2 } .slider label { display: block }
.slider output { font-weight: 600; float: right }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(23rem, 1fr)); gap: .8rem }
.cards > section { border: 1px solid #ccc; border-radius: 6px; padding: .6rem }
.numbers { width: 100%; font-variant-numeric: tabular-nums }
.numbers td, .numbers th { padding: .15rem .4rem; border-bottom: 1px solid #ddd }
.numbers td { text-align: right } .refused { border-left: 5px solid #D55E00; padding: .5rem .8rem; background: #fdf1e7 }
.note { color: #444; font-size: .85rem; margin: .3rem 0 0 }
:focus-visible { outline: 3px solid #0072B2; outline-offset: 2px }
.recalculating { opacity: 1 !important } pre { font-size: .75rem }
"""
# A native slider: arrow keys, screen readers and touch just work. It is sent at once, then each 100 ms at most.
SCRIPT = """
class Stops extends Shiny.InputBinding {
  find(scope) { return $(scope).find("input[data-stops]") }
  stops(el) { return JSON.parse(el.dataset.stops) }
  initialize(el) { this.say(el) }
  say(el) {
    const text = this.stops(el)[el.value][1]
    el.setAttribute("aria-valuetext", text)
    document.getElementById(el.id + "-value").textContent = text
  }
  getValue(el) { return this.stops(el)[el.value][0] }
  setValue(el, value) {
    const stops = this.stops(el)
    let k = stops.findIndex(([v]) => Math.abs(v - value) < 1e-9)
    if (k < 0) {
      k = stops.filter(([v]) => v < value).length
      stops.splice(k, 0, [value, String(value)])
      el.dataset.stops = JSON.stringify(stops)
      el.max = stops.length - 1
    }
    el.value = k
    this.say(el)
  }
  subscribe(el, callback) { $(el).on("input.stops", () => { this.say(el); callback(true) }) }
  unsubscribe(el) { $(el).off(".stops") }
  receiveMessage(el, message) { this.setValue(el, message.value); $(el).trigger("input") }
  getRatePolicy() { return { policy: "throttle", delay: 100 } }
}
Shiny.inputBindings.register(new Stops(), "habenula_rl.stops")
Shiny.addCustomMessageHandler("steps", n => {
  const step = document.getElementById("step"), was = step.value
  step.max = n - 1
  if (step.value !== was) step.dispatchEvent(new Event("input", { bubbles: true }))
})
"""


def slider(name: str, label: str, stops: Stops, value: float) -> Any:
    """A slider over these stops, at `value`, which becomes one of them where it is none."""
    every = sorted(({value: f"{value:g}"} | dict(stops)).items())
    place = [stop for stop, _ in every].index(value)
    return ui.tags.div(
        ui.tags.label(ui.tags.output(id=f"{name}-value", **{"for": name}), label, **{"for": name}),
        ui.tags.input(
            id=name, type="range", min="0", max=str(len(every) - 1), value=str(place), data_stops=json.dumps(every)
        ),
        class_="slider",
    )


def controls() -> Any:
    """The sidebar, with the values of the permalink where the page was opened by one."""

    def chosen(name: str) -> Any:
        return restore_input(resolve_id(name), getattr(START, name))

    sliders = {name: slider(name, label, stops, chosen(name)) for name, (label, stops) in SLIDERS.items()}
    selects = {
        name: ui.input_select(name, label, known, selected=chosen(name)) for name, (label, known) in CHOICES.items()
    }
    return [
        ui.tags.p(FIRST, class_="note"),
        ui.input_select("preset", "Begin with a study", {"": "(none)", **{n: n for n in presets()}}),
        ui.output_ui("preset_said"),
        selects["test"],
        sliders["hyperactivity"],
        sliders["shocks"],
        selects["drug"],
        sliders["dose"],
        selects["route"],
        selects["species"],
        sliders["hours"],
        ui.output_ui("config"),
        ui.tags.p("The address of this page is a link to what is shown.", class_="note"),
    ]


def page(request: Request) -> Any:
    """The page as it is first sent; what is drawn comes when the browser has connected."""

    def card(title: str, *content: Any) -> Any:
        return ui.tags.section(ui.tags.h2(title), *content, aria_label=title)

    return ui.page_sidebar(
        ui.sidebar(*controls(), width=340, title="What is done"),
        ui.head_content(ui.tags.style(STYLE), ui.tags.script(SCRIPT), ui.tags.link(rel="icon", href="data:,")),
        ui.output_ui("refused"),
        ui.tags.div(
            card("What the model says", ui.output_ui("numbers", aria_live="polite")),
            card(
                "Learning: 200 animals beside healthy ones",
                ui.output_ui("learning"),
                ui.tags.p("Lines: means; bands: 95 % intervals.", class_="note"),
            ),
            card(
                "One animal in its apparatus",
                ui.output_ui("apparatus"),
                slider("step", "Step of this animal", [(k, str(k)) for k in range(1, MOST_STEPS + 1)], 1),
                ui.input_switch("play", "Let it run"),
            ),
            card(
                "What electrodes see in it",
                ui.output_ui("signals"),
                ui.tags.p(
                    "Habenula in resting rates, dopamine in units of the prediction error, serotonin with ½ as health.",
                    class_="note",
                ),
            ),
            card(
                "Habenula neurons",
                ui.output_ui("neurons"),
                ui.tags.p("The same neurons whatever is done to them; pink ones burst.", class_="note"),
            ),
            card("Channel occupancy", ui.output_ui("occupancy")),
            class_="cards",
        ),
        ui.tags.details(ui.tags.summary("The config of what is shown"), ui.output_code("written")),
        title="habenula explore",
        lang="en",
        fillable=False,
    )


def server(input: Inputs, output: Outputs, session: Session) -> None:
    """What happens when something is moved."""
    session.bookmark.exclude += ["preset", "step", "play"]

    @reactive.calc
    def scene() -> Scene | str:
        """What is chosen, or why it cannot be."""
        try:
            return Scene(**{name: input[name]() for name in CHOSEN})
        except ValueError as error:
            return str(error)

    def possible() -> Scene:
        found: Scene | str = scene()
        if isinstance(found, str):
            raise SilentException
        return found

    @reactive.calc
    def animals() -> seen.Group:
        return seen.animals(possible())

    @reactive.effect
    @reactive.event(input.preset, ignore_init=True)
    def _follow() -> None:
        chosen = presets().get(input.preset())
        if chosen is not None:
            for name in SLIDERS:
                session.send_input_message(name, {"value": getattr(chosen, name)})
            for name in CHOICES:
                ui.update_select(name, selected=getattr(chosen, name))

    @reactive.effect
    async def _link() -> None:
        scene()
        with reactive.isolate():
            await session.bookmark()

    @session.bookmark.on_bookmarked
    async def _(url: str) -> None:
        await session.bookmark.update_query_string(url)

    @reactive.effect
    async def _length() -> None:
        await session.send_custom_message("steps", len(animals().steps))

    @reactive.effect
    def _run() -> None:
        if input.play():
            reactive.invalidate_later(PLAY_S)
            with reactive.isolate():
                last = len(animals().steps)
                session.send_input_message("step", {"value": input.step() % last + 1})

    def step() -> int:
        return min(int(input.step()), len(animals().steps))

    @render.ui
    def refused() -> Any:
        found = scene()
        return ui.tags.p(found, class_="refused", role="alert") if isinstance(found, str) else None

    @render.ui
    def preset_said() -> Any:
        name = input.preset()
        return ui.tags.p(said_of(name), class_="note") if name else None

    @render.ui
    def numbers() -> Any:
        return ui.HTML(table(possible(), seen.healthy(possible().test), animals()))

    @render.ui
    def learning() -> Any:
        return ui.HTML(drawing.learning(possible(), seen.healthy(possible().test), animals()))

    @render.ui
    def apparatus() -> Any:
        return ui.HTML(drawing.apparatus(possible(), animals().steps, step()))

    @render.ui
    def signals() -> Any:
        return ui.HTML(drawing.signals(animals().steps, step()))

    @render.ui
    def neurons() -> Any:
        return ui.HTML(drawing.neurons(seen.neurons(animals().hyperactivity, 1.0 - animals().blocked)))

    @render.ui
    def occupancy() -> Any:
        drug = possible().given()
        if drug is None:
            return ui.tags.p("No drug is given: all NMDA receptors are open to glutamate.")
        return ui.HTML(
            drawing.occupancy(seen.occupied(drug, animals().hyperactivity), possible().hours, animals().blocked)
        )

    @render.code
    def written() -> str:
        return possible().config()

    @render.ui
    def config() -> Any:
        """A link that has the file in it."""
        data = f"data:application/yaml;charset=utf-8,{quote(possible().config())}"
        return ui.tags.a("Download the config of this", href=data, download="explored.yaml", class_="btn btn-default")


def said_of(name: str) -> str:
    """What a preset is of its study."""
    group, phase, _ = PRESETS[name]
    return (
        f"Group {group} in phase {phase} of {name}, animals alike in the trait. Shocks of 3 s stand for those of the "
        f"study; phases before and other treatments are left out. The whole study: habenula run {name}"
    )


def table(scene: Scene, healthy: seen.Group, animals: seen.Group) -> str:
    """The numbers, those of healthy animals beside them."""

    def overall(group: seen.Group) -> str:
        mean, low, high = group.overall
        return f"{mean:.3g} [{low:.3g}, {high:.3g}]"

    rows = [
        ("Hyperactivity before the test", *(f"{group.hyperactivity:.2f}" for group in (healthy, animals))),
        ("NMDA receptors blocked (%)", *(f"{100 * group.blocked:.1f}" for group in (healthy, animals))),
        ("Habenula neurons that burst at rest (%)", *(f"{100 * group.bursts:.1f}" for group in (healthy, animals))),
        ("Tonic dopamine (% of healthy)", *(f"{100 * g.dopamine / healthy.dopamine:.0f}" for g in (healthy, animals))),
        (
            "Tonic serotonin (% of healthy)",
            *(f"{100 * g.serotonin / healthy.serotonin:.0f}" for g in (healthy, animals)),
        ),
        (f"{TESTS[scene.test].axis}, mean [95 %]", *(overall(group) for group in (healthy, animals))),
    ]
    body = "".join(f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td class="now">{c}</td></tr>' for a, b, c in rows)
    head = "<tr><td></td><th scope='col'>Healthy</th><th scope='col'>These animals</th></tr>"
    return f'<table class="numbers"><thead>{head}</thead><tbody>{body}</tbody></table>'


def warm(tests: Iterable[str]) -> None:
    """Load or compile what scenes with these tests need, so that the first slider answers as the hundredth does."""
    for test in tests:
        seen.healthy(test)
        seen.animals(Scene(shocks=10, drug="ketamine", test=test))


def serve(port: int, browser: bool) -> None:
    """Serve the page on this machine alone until it is stopped.

    The test that is shown first is made ready before, the others meanwhile. Raises ValueError where the port is taken.
    """
    import uvicorn

    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, port))
        except OSError as error:
            raise ValueError(f"port {port} cannot be used ({error.strerror}): give another one with --port") from None
    drug = TREATED.given()
    assert drug is not None
    seen.occupied(drug, START.hyperactivity)
    seen.neurons(START.hyperactivity, 1.0)
    warm([START.test])
    threading.Thread(target=warm, args=(TESTS,), daemon=True).start()
    address = f"http://{HOST}:{port}"
    print(f"explorer  {address}  (Ctrl+C ends it)", flush=True)
    if browser:
        webbrowser.open(address)
    uvicorn.run(App(page, server, bookmark_store="url"), host=HOST, port=port, log_level="warning")
