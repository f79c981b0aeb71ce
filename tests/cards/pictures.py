"""Pictures of golden cards, drawn by Microsoft's own renderer in a window that looks like Teams.

    python -m tests.cards.pictures OUT [--dark] [--width 480] NAME ...

NAME is a language and a golden file without its ending (`de/living/new`) or a folder of them (`en/form`, `en`). It
needs the npm package `adaptivecards` (`ADAPTIVECARDS`, the folder of the package) and a Chromium (`CHROMIUM`).
"""

import json
import os
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from tests.cards.approved import approved_cards

PACKAGES = Path(__file__).parents[2] / "playground/node_modules"
RENDERER = Path(os.environ.get("ADAPTIVECARDS", PACKAGES / "adaptivecards"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

LIGHT = {
    "page": "#f5f5f5",
    "card": "#ffffff",
    "text": "#242424",
    "subtle": "#616161",
    "line": "#e0e0e0",
    "accent": "#5b5fc7",
    "good": "#0e700e",
    "warning": "#835b00",
    "attention": "#b10e1c",
    "emphasis": "#f5f5f5",
    "good_back": "#f1faf1",
    "warning_back": "#fefbf4",
    "attention_back": "#fdf3f4",
    "accent_back": "#f0f0fb",
    "input": "#ffffff",
}
DARK = {
    "page": "#1f1f1f",
    "card": "#292929",
    "text": "#ffffff",
    "subtle": "#adadad",
    "line": "#424242",
    "accent": "#9299f7",
    "good": "#54b054",
    "warning": "#f2c661",
    "attention": "#e37d80",
    "emphasis": "#333333",
    "good_back": "#052505",
    "warning_back": "#3a2a05",
    "attention_back": "#3b0509",
    "accent_back": "#2f2f4a",
    "input": "#1f1f1f",
}


def host_config(colors: dict[str, str]) -> dict[str, object]:
    """Teams' fonts, spacing and colours, as the renderer wants them."""
    text_colors = {
        name: {"default": colors[key], "subtle": colors["subtle"] if key == "text" else colors[key]}
        for name, key in {
            "default": "text",
            "accent": "accent",
            "good": "good",
            "warning": "warning",
            "attention": "attention",
        }.items()
    }
    backs = {
        "default": "card",
        "emphasis": "emphasis",
        "good": "good_back",
        "warning": "warning_back",
        "attention": "attention_back",
        "accent": "accent_back",
    }
    return {
        "fontFamily": "'Segoe UI', 'Open Sans', 'DejaVu Sans', sans-serif",
        "fontSizes": {"small": 12, "default": 14, "medium": 16, "large": 18, "extraLarge": 24},
        "fontWeights": {"lighter": 300, "default": 400, "bolder": 600},
        "spacing": {"small": 6, "default": 8, "medium": 12, "large": 20, "extraLarge": 28, "padding": 14},
        "separator": {"lineThickness": 1, "lineColor": colors["line"]},
        "containerStyles": {
            name: {"backgroundColor": colors[key], "foregroundColors": text_colors} for name, key in backs.items()
        },
        "actions": {
            "maxActions": 6,
            "spacing": "default",
            "buttonSpacing": 8,
            "actionsOrientation": "horizontal",
            "actionAlignment": "left",
        },
        "inputs": {
            "label": {
                "inputSpacing": "small",
                "requiredInputs": {"weight": "bolder", "suffix": " *", "suffixColor": "attention"},
                "optionalInputs": {"weight": "bolder"},
            },
            "errorMessage": {"color": "attention"},
        },
    }


def page(card: dict[str, object], colors: dict[str, str], width: int) -> str:
    """A page with the one card on it; text that is no card stands in a chat bubble."""
    style = f"""
      body {{ margin: 0; padding: 16px; background: {colors["page"]}; width: {width}px;
              font: 14px 'Segoe UI', 'Open Sans', 'DejaVu Sans', sans-serif; color: {colors["text"]}; }}
      #card {{ background: {colors["card"]}; border: 1px solid {colors["line"]}; border-radius: 6px;
               box-shadow: 0 1px 3px #0002; overflow: hidden; }}
      .bubble {{ padding: 10px 14px; }}
      .ac-pushButton {{ border: 1px solid {colors["line"]}; background: {colors["card"]}; color: {colors["text"]};
               font: 600 13px inherit; border-radius: 4px; padding: 6px 12px; margin-bottom: 6px; }}
      .ac-input {{ background: {colors["input"]}; color: {colors["text"]}; border: 1px solid {colors["line"]};
               border-radius: 4px; padding: 6px 8px; font: inherit; box-sizing: border-box; }}
      textarea.ac-input {{ min-height: 64px; }}
      input[type=radio] {{ accent-color: {colors["accent"]}; }}
    """
    script = """
      const shown = JSON.parse(document.getElementById('json').textContent);
      const target = document.getElementById('card');
      if (!shown.type) { target.className = 'bubble'; target.innerText = shown.text; }
      else {
        const card = new AdaptiveCards.AdaptiveCard();
        card.hostConfig = new AdaptiveCards.HostConfig(JSON.parse(document.getElementById('config').textContent));
        AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
          result.outputHtml = text; result.didProcess = true;
        };
        card.parse(shown);
        target.appendChild(card.render());
      }
    """
    embedded = (json.dumps(value).replace("<", "\\u003c") for value in (card, host_config(colors)))
    shown, config = embedded
    return (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style><div id="card"></div>'
        f'<script type="application/json" id="json">{shown}</script>'
        f'<script type="application/json" id="config">{config}</script>'
        f"<script>const show = () => {{ {script} }};</script>"
    )


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("names", nargs=-1, required=True)
@click.option("--dark", is_flag=True)
@click.option("--width", default=480, help="of the card, in pixels; 330 is a phone")
def main(out: Path, names: tuple[str, ...], dark: bool, width: int) -> None:
    """Draw the golden cards NAMES into the folder OUT."""
    out.mkdir(parents=True, exist_ok=True)
    colors = DARK if dark else LIGHT
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        window = browser.new_page(viewport={"width": width + 32, "height": 100}, device_scale_factor=2, locale="de-DE")
        for name, card in approved_cards(names).items():
            window.set_content(page(card, colors, width))
            window.add_script_tag(path=RENDERER / "dist/adaptivecards.min.js")
            window.evaluate("show()")
            window.screenshot(path=out / f"{name.replace('/', '-')}{'-dark' if dark else ''}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
