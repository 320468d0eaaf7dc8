"""Paper: every figure and table of the paper under the visitor's hand."""

from ui.kit import page

with page.setup("Paper", "paper/shell.css"):
    from ui.models import cache, privacy
    from ui.paper import page as paper, shell

    privacy.wait_for_visitor()
    if page.unread_address():
        shell.open_page()
    paper.show()
    cache.warm_up()
