"""Paper: every figure and table of the paper under the visitor's hand."""

from ui.kit import page

with page.setup("Paper", "paper/shell.css") as opened:
    from ui.models import cache, privacy
    from ui.paper import shell

    privacy.wait_for_visitor()
    if opened:
        shell.open_page()
    shell.show()
    cache.warm_up()
