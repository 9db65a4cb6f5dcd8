"""What a screen shows without a board: its code while nobody has approved it, or that figures cannot be read now.

Dark from the first byte, legible from far away at any size; the script asks on until there is a board.
"""

from __future__ import annotations

from html import escape

from dashboard.tokens import DARK
from datasets.messages import text

COMMAND = 'python -m dashboard screen approve {code} --name "..."'


def code_page(code: str, centre: str, language: str, script: str) -> str:
    """The code, large, and what to do with it."""

    def say(key: str) -> str:
        return escape(text(key, language))

    how = f"{say('screen.code_how')}<br>{escape(COMMAND.format(code=code))}"
    told = f"""<p>{say("screen.code_title")}</p>
<div id="screen-code">{escape(code)}</div>
<p>{how}</p>"""
    return _page(say("screen.code_title"), centre, told, language, script)


def trouble_page(centre: str, language: str, script: str) -> str:
    """For a screen that is switched on while the store cannot be read: no error page, and it tries again by itself."""
    title, how = (escape(text(key, language)) for key in ("wall.trouble_title", "wall.trouble"))
    return _page(title, centre, f'<div id="trouble">{title}</div>\n<p>{how}</p>', language, script)


def _page(title: str, centre: str, told: str, language: str, script: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="{language}" style="background:{DARK.ground}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,">
<style>
body {{ margin: 0; height: 100vh; display: flex; flex-direction: column; justify-content: center; align-items: center;
  gap: 3vmin; background: {DARK.ground}; color: {DARK.text}; font: 500 4vmin/1.3 system-ui, sans-serif;
  text-align: center; cursor: none; }}
p {{ margin: 0; color: {DARK.text_2}; max-width: 90vw; overflow-wrap: anywhere; }}
#screen-code {{ font-size: 20vmin; font-weight: 700; letter-spacing: .12em; margin-right: -.12em; line-height: 1.1; }}
#trouble {{ font-size: 8vmin; font-weight: 700; line-height: 1.15; max-width: 90vw; color: {DARK.watch}; }}
</style></head>
<body>
<p>{escape(centre)}</p>
{told}
<script src="{script}" defer></script>
</body>
</html>"""
