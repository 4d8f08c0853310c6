"""``sundog model``: language models on this machine, and the store of their answers."""

from __future__ import annotations

import typer

from sundog.cli.say import print_json

model = typer.Typer(
    name="model",
    help="Language models on this machine, and the store of their answers.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@model.callback()
def _about() -> None:
    """Language models on this machine, and the store of their answers."""


@model.command("get")
def get(
    name: str = typer.Argument(
        "smollm2", help="smollm2, minilm (embeddings of texts), or hf:OWNER/REPO/FILE.gguf of Hugging Face."
    ),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Fetch a model once, held against its hash; nothing if it is here already."""
    import sys

    from sundog.lib.language.download import fetch_from_hub
    from sundog.lib.language.embedded import find_embedded, get_embedded
    from sundog.lib.language.weights import find_gguf

    if name == "minilm":
        from sundog.lib.texts.embedder_files import describe_embedder, fetch_embedder

        folder = fetch_embedder(lambda told: print(told, file=sys.stderr, flush=True))
        (used,) = describe_embedder()
        if as_json:
            print_json({"name": used.what, "path": str(folder), "sha256": used.sha256, "licence": used.licence})
        else:
            print(f"{used.what}\nlicence: {used.licence}\nsha256: {used.sha256}\nin: {folder}")
        return
    if name.startswith("hf:"):
        shown = sys.stderr.isatty()
        fetch_from_hub(name, lambda told: print(f"\r{told} ", end="", file=sys.stderr, flush=True) if shown else None)
        found = find_gguf(name)
    else:
        get_embedded(name)
        found = find_embedded(name)
    if as_json:
        print_json({"name": found.name, "path": str(found.path), "sha256": found.sha256, "licence": found.licence})
        return
    print(f"{found.name}\nlicence: {found.licence}\nsha256: {found.sha256}\nin: {found.path}")


@model.command("list")
def list_models(as_json: bool = typer.Option(False, "--json", help="For machines.")) -> None:
    """Say which models are here, and which can be fetched."""
    from sundog.lib.language.embedded import EMBEDDED, locate_embedded
    from sundog.lib.language.places import find_weights
    from sundog.lib.texts.embedder_files import LICENCE, SIZE, is_there

    embedded: list[dict[str, object]] = [
        {"name": n, "title": m.title, "licence": m.licence, "bytes": m.size, "here": locate_embedded(n).exists()}
        for n, m in EMBEDDED.items()
    ]
    embedder = {"name": "minilm", "title": "all-MiniLM-L6-v2, embeddings of texts", "licence": LICENCE, "bytes": SIZE}
    embedded.append({**embedder, "here": is_there()})
    hub = find_weights() / "hf"
    fetched = [
        {"name": f"hf:{p.relative_to(hub).as_posix()}", "bytes": p.stat().st_size, "here": True}
        for p in sorted(hub.rglob("*.gguf"))
    ]
    if as_json:
        print_json([*embedded, *fetched])
        return
    for told in embedded:
        here = "here" if told["here"] else f"not here: sundog model get {told['name']}"
        print(f"{told['name']}: {told['title']}, {told['licence']}, {told['bytes']:,} bytes; {here}")
    for told in fetched:
        print(f"{told['name']}: {told['bytes']:,} bytes")


@model.command("answers")
def answers(as_json: bool = typer.Option(False, "--json", help="For machines.")) -> None:
    """Say what the store of answers holds, by model."""
    from sundog.lib.language.places import find_answers
    from sundog.lib.language.store import open_store

    path = find_answers()
    if not path.exists():
        print_json({"path": str(path), "bytes": 0, "models": []}) if as_json else print(f"{path}: nothing is stored")
        return
    with open_store(path) as store:
        counts, size = store.count(), store.measure_bytes()
    if as_json:
        named = [
            {
                "model": c.model, "answers": c.answers, "malformed": c.malformed,
                "asked_tokens": c.asked_tokens, "answered_tokens": c.answered_tokens,
            }
            for c in counts
        ]  # fmt: skip
        print_json({"path": str(path), "bytes": size, "models": named})
        return
    print(f"{path}: {size:,} bytes")
    for c in counts:
        malformed = f", {c.malformed:,} of them malformed" if c.malformed else ""
        print(
            f"{c.model}: {c.answers:,} answers{malformed}; {c.asked_tokens:,} tokens asked, {c.answered_tokens:,} answered"
        )


@model.command("forget")
def forget(
    name: str = typer.Option("", "--model", help="Only the answers of this one, as `sundog model answers` names it."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Empty the store of answers: what a recipe asks next is asked, and paid for, again."""
    from sundog.core.errors import Problem, RequestError, nearest
    from sundog.lib.language.places import find_answers
    from sundog.lib.language.store import open_store

    path, gone = find_answers(), 0
    if path.exists() or name:
        with open_store(path) as store:
            models = [c.model for c in store.count()]
            if name and name not in models:
                what = f"nothing of a model {name!r} is stored"
                raise RequestError(Problem("SD-MODEL-070", "--model", what, nearest(name, models)))
            gone = store.forget(name)
    print_json({"forgotten": gone}) if as_json else print(f"{gone:,} answers are forgotten")
