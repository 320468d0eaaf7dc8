"""Paper: every figure and table of the paper under the visitor's hand."""

from ui import page

with page.setup("Paper") as opened:
    from ui import cache
    from ui.paper import shell

    if opened:
        shell.open_page()
    shell.show()
    cache.warm_up()
