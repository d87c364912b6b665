"""The site: the notebooks in a browser's tab, in JupyterLite, answered by `Replay` beside them.

`tab` is what runs in the tab. `__main__` fetches what the rest needs, and serves; `build` makes the
folder of static files, `pages` the start page and the sheet; `warm` runs in the page's own Python,
and leaves byte-code behind.
"""
