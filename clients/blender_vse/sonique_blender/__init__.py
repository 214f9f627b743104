"""Sonique inside Blender: a range of the Video Sequence Editor is read, scored by the daemon, and its music placed.

``core`` knows nothing of Blender and runs anywhere; the modules beside it are the thin layer that touches ``bpy``. Of
these, ``compat`` alone knows which release of Blender calls a thing by which name. Nothing here keeps a pointer into
Blender's data from one call to the next: scenes are known by name and session id, strips by the id on them.

``snapshot.take`` turns a scene into plain values, ``core.reading.read`` those into a document for the daemon,
``rendering`` makes a small film where Blender alone can show the picture, and ``placing`` puts the music on a channel.
"""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    _forget_older()
    from . import fitness

    reason = fitness.why_not()
    if not reason:
        from . import registration

        registration.register()
        return
    import bpy

    from . import unfit

    print(reason)  # noqa: T201 - Blender's own window is not there yet
    for each in unfit.CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Called by Blender when it is disabled, and when Blender ends."""
    from . import fitness

    if not fitness.why_not():
        from . import registration

        registration.unregister()
        return
    import bpy

    from . import unfit

    for each in unfit.CLASSES:
        bpy.utils.unregister_class(each)


def _forget_older() -> None:
    """Has what comes in a wheel of our own be loaded anew where the extension itself is.

    After an update, what is loaded is the older release's. The messages of the contract stay, as protobuf takes none of
    one name twice.
    """
    import sys

    if any(name.startswith(f"{__name__}.") for name in sys.modules):
        return
    for name in [name for name in sys.modules if name.partition(".")[0] in {"sonique", "sonique_client"}]:
        if not name.startswith("sonique.v1"):
            del sys.modules[name]
