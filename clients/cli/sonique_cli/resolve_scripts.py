"""The scripts of Resolve's menu, as this installation writes them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sonique_resolve.install import Script, Which


def scripts_here(kinds: "Iterable[Which]", window: str = "auto") -> "list[Script]":
    """The menu's scripts as this installation writes them; the one with a panel opens it in ``window``.

    Raises:
        NotInstalled: one of them cannot be written for this system.
    """
    from sonique_resolve.bridge.scripts import mailbox_text, menu_text, panel_command
    from sonique_resolve.desk_mailbox import mailbox_folder
    from sonique_resolve.install import NotInstalled, Script, Which

    texts = {
        Which.MENU: lambda: menu_text(panel_command(window)),
        Which.MAILBOX: lambda: mailbox_text(mailbox_folder()),
    }
    try:
        return [Script(kind, texts[kind]()) for kind in kinds]
    except ValueError as error:
        raise NotInstalled(str(error)) from error
