"""The panel as a window of the system's own, with the standard library's tkinter."""

import tkinter as tk
from tkinter import font, ttk

from sonique_resolve.panel_fields import ANY, PHASES, RANGES, RENDER, STEMS, Fields, range_of, wishes_of
from sonique_resolve.panel_presenter import Presenter
from sonique_resolve.panel_view import Phase, View
from sonique_resolve.session import Wishes

_LOOK_MS = 100
_PAD = 8
_WIDTH = 460
_BLUE = "#4a6984"
_PLACED = "on the timeline"
_FEWEST_ROWS = 3


def can_show() -> bool:
    """Whether a window can be opened here."""
    try:
        root = tk.Tk()
    except tk.TclError:
        return False
    root.destroy()
    return True


def show(presenter: Presenter) -> None:
    """Opens the window, and stays until it is closed."""
    root = tk.Tk()
    window = Window(root, presenter)
    window.follow()
    root.mainloop()


class Window:
    """The window: draws the presenter's view, and hands wishes to it.

    Args:
        root: the empty window.
        presenter: started already.
    """

    def __init__(self, root: tk.Tk, presenter: Presenter) -> None:
        self._root, self._presenter = root, presenter
        self._drawn: View | None = None
        root.title("Sonique")
        if ttk.Style(root).theme_use() == "default":  # X11 has no look of its own, and Tk's is of another time
            ttk.Style(root).theme_use("clam")
            ttk.Style(root).configure("TProgressbar", background=_BLUE)
        self._scale = max(1.0, root.winfo_fpixels("1i") / 96)  # screens of many pixels have large letters
        self._font = font.nametofont("TkDefaultFont", root)
        ttk.Style(root).configure("Treeview", rowheight=self._font.metrics("linespace") + _PAD // 2)
        root.minsize(round(_WIDTH * self._scale), 1)
        self._host, self._range, self._stage, self._message = (tk.StringVar(root) for _ in range(4))
        self._which = tk.StringVar(root, next(iter(RANGES)))
        self._style, self._bpm = tk.StringVar(root, ANY), tk.StringVar(root)
        self._takes, self._seed = tk.StringVar(root, "3"), tk.StringVar(root, "0")
        self._hit = tk.DoubleVar(root, 0.5)
        self._stems, self._render = tk.BooleanVar(root, value=False), tk.BooleanVar(root, value=False)
        frame = ttk.Frame(root, padding=_PAD * 2)
        frame.pack(fill="both", expand=True)
        frame.columnconfigure(0, weight=1)
        for build in (self._head, self._wishes, self._numbers, self._buttons, self._doing, self._list):
            part = ttk.Frame(frame)
            part.grid(sticky="nsew", pady=(0, _PAD))
            build(part)
        frame.rowconfigure(5, weight=1)
        root.protocol("WM_DELETE_WINDOW", root.destroy)

    def follow(self) -> None:
        """Draws what is new, and looks again in a moment."""
        view = self._presenter.view
        if view is not self._drawn:
            self._draw(view)
            self._drawn = view
        self._root.after(_LOOK_MS, self.follow)

    def wishes(self) -> Wishes:
        """What the fields say."""
        return wishes_of(
            Fields(
                which=self._which.get(),
                prompt=self._prompt.get("1.0", "end"),
                style=self._style.get(),
                bpm=self._bpm.get(),
                hit_strength=self._hit.get(),
                takes=self._takes.get(),
                seed=self._seed.get(),
                stems=self._stems.get(),
                render=self._render.get(),
            )
        )

    def _head(self, part: ttk.Frame) -> None:
        part.columnconfigure(0, weight=1)
        host = self._sentence(part, self._host, "TkHeadingFont")
        host.grid(row=0, column=0, columnspan=2, sticky="ew")
        box = ttk.Combobox(part, textvariable=self._which, values=list(RANGES))
        box.grid(row=1, column=0, sticky="ew", pady=_PAD)
        box.bind("<<ComboboxSelected>>", self._look)
        box.bind("<Return>", self._look)
        self._again = ttk.Button(part, text="Look again", command=self._look)
        self._again.grid(row=1, column=1, padx=(_PAD, 0))
        self._sentence(part, self._range).grid(row=2, column=0, columnspan=2, sticky="ew")

    def _wishes(self, part: ttk.Frame) -> None:
        part.columnconfigure(0, weight=1)
        ttk.Label(part, text="What you want, in your own words").grid(sticky="w")
        self._prompt = tk.Text(part, height=3, width=40, wrap="word", font="TkTextFont")
        self._prompt.grid(sticky="ew")
        self._prompt.bind("<Tab>", _next_field)

    def _numbers(self, part: ttk.Frame) -> None:
        part.columnconfigure((1, 3), weight=1)
        self._styles = ttk.Combobox(part, textvariable=self._style, values=[ANY], state="readonly", width=14)
        takes = ttk.Spinbox(part, textvariable=self._takes, from_=1, to=8, width=5)
        hits = ttk.Scale(part, variable=self._hit, from_=0, to=1)
        fields = (
            ("Style", self._styles),
            ("Beats a minute", ttk.Entry(part, textvariable=self._bpm, width=6)),
            ("Hit the cuts", hits),
            ("Takes", takes),
            ("Seed", ttk.Entry(part, textvariable=self._seed, width=6)),
        )
        for number, (name, field) in enumerate(fields):
            row, column = divmod(number, 2)
            ttk.Label(part, text=name).grid(row=row, column=2 * column, sticky="w", padx=(0, _PAD), pady=2)
            field.grid(row=row, column=2 * column + 1, sticky="ew", padx=(0, _PAD), pady=2)
        for row, (text, wanted) in enumerate(((STEMS, self._stems), (RENDER, self._render)), start=3):
            box = ttk.Checkbutton(part, text=text, variable=wanted)
            box.grid(row=row, column=0, columnspan=4, sticky="w", pady=2)

    def _buttons(self, part: ttk.Frame) -> None:
        self._score = ttk.Button(part, text="Make music", command=lambda: self._presenter.score(self.wishes()))
        self._cancel = ttk.Button(part, text="Cancel", command=self._presenter.cancel)
        self._score.grid(row=0, column=0)
        self._cancel.grid(row=0, column=1, padx=_PAD)

    def _doing(self, part: ttk.Frame) -> None:
        part.columnconfigure(0, weight=1)
        ttk.Label(part, textvariable=self._stage).grid(sticky="w")
        self._bar = ttk.Progressbar(part, maximum=1.0)
        self._bar.grid(sticky="ew")
        self._sentence(part, self._message).grid(sticky="ew", pady=(_PAD, 0))

    def _list(self, part: ttk.Frame) -> None:
        part.columnconfigure(0, weight=1)
        part.rowconfigure(0, weight=1)
        self._rows = ttk.Treeview(part, columns=("take", "where"), show="headings", selectmode="browse")
        self._rows.heading("take", text="Takes", anchor="w")
        self._rows.heading("where", text="", anchor="w")
        self._rows.column("where", width=self._font.measure(_PLACED) + 3 * _PAD, stretch=False)
        self._rows.grid(row=0, column=0, sticky="nsew")
        self._rows.bind("<Double-1>", self._place)
        self._swap = ttk.Button(part, text="Place this one", command=self._place)
        self._swap.grid(row=0, column=1, sticky="n", padx=(_PAD, 0))

    def _sentence(self, part: ttk.Frame, told: tk.StringVar, letters: str = "TkDefaultFont") -> ttk.Label:
        """A text in as many lines as it needs at the width that the window has."""
        label = ttk.Label(part, textvariable=told, font=letters, wraplength=round(_WIDTH * self._scale))
        part.bind("<Configure>", lambda event: label.configure(wraplength=event.width), add=True)
        return label

    def _draw(self, view: View) -> None:
        self._host.set(view.host or "DaVinci Resolve")
        self._range.set(view.range_text)
        self._stage.set(", ".join(filter(None, (view.stage or PHASES.get(view.phase, ""), view.left))))
        self._message.set(view.message)
        self._styles["values"] = [ANY, *view.styles]
        self._again["text"] = "Try again" if view.phase is Phase.LOST else "Look again"
        for button, able in (
            (self._score, view.can_score),
            (self._cancel, view.can_cancel),
            (self._swap, view.can_place),
        ):
            button.state(["!disabled" if able else "disabled"])
        self._move(view)
        if self._drawn is None or self._drawn.takes != view.takes:
            self._fill(view)

    def _move(self, view: View) -> None:
        """The bar: its share, or back and forth where that cannot be told."""
        wandering = view.share is None and view.phase in {Phase.CONNECTING, Phase.WORKING, Phase.CANCELLING}
        if wandering != (str(self._bar["mode"]) == "indeterminate"):
            self._bar.stop()
            self._bar["mode"] = "indeterminate" if wandering else "determinate"
            if wandering:
                self._bar.start()
        if not wandering:
            self._bar["value"] = view.share or 0.0

    def _fill(self, view: View) -> None:
        self._rows.delete(*self._rows.get_children())
        self._rows["height"] = max(_FEWEST_ROWS, len(view.takes))
        for row in view.takes:
            where = _PLACED if row.placed else ""
            self._rows.insert("", "end", iid=str(row.index), values=(row.text, where))
            if row.placed:
                self._rows.selection_set(str(row.index))

    def _look(self, *_: object) -> None:
        if self._presenter.view.phase is Phase.LOST:
            self._presenter.reach()
        else:
            self._presenter.look(range_of(self._which.get()))

    def _place(self, *_: object) -> None:
        chosen = self._rows.selection()
        if chosen and self._presenter.view.can_place:
            self._presenter.place(int(chosen[0]))


def _next_field(event: "tk.Event[tk.Text]") -> str:
    """Tab goes on instead of being written."""
    following = event.widget.tk_focusNext()
    if following is not None:
        following.focus()
    return "break"
