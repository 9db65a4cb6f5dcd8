"""What a screen shows that nobody has approved yet: its code, large, and what to do with it."""

from __future__ import annotations

from html import escape

from dashboard.tokens import DARK
from datasets.messages import text

COMMAND = 'python -m dashboard screen approve {code} --name "..."'


def code_page(code: str, centre: str, language: str, script: str) -> str:
    """The whole page; dark from its first byte, and legible from far away at any size."""

    def say(key: str) -> str:
        return escape(text(key, language))

    return f"""<!DOCTYPE html>
<html lang="{language}" style="background:{DARK.ground}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{say("screen.code_title")}</title><link rel="icon" href="data:,">
<style>
body {{ margin: 0; height: 100vh; display: flex; flex-direction: column; justify-content: center; align-items: center;
  gap: 3vmin; background: {DARK.ground}; color: {DARK.text}; font: 500 4vmin/1.3 system-ui, sans-serif;
  text-align: center; cursor: none; }}
p {{ margin: 0; color: {DARK.text_2}; max-width: 90vw; overflow-wrap: anywhere; }}
#screen-code {{ font-size: 20vmin; font-weight: 700; letter-spacing: .12em; margin-right: -.12em; line-height: 1.1; }}
</style></head>
<body>
<p>{escape(centre)}</p>
<p>{say("screen.code_title")}</p>
<div id="screen-code">{escape(code)}</div>
<p>{say("screen.code_how")}<br>{escape(COMMAND.format(code=code))}</p>
<script src="{script}" defer></script>
</body>
</html>"""
