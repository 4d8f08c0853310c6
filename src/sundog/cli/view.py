"""``sundog view``."""

from __future__ import annotations

import typer


def view(
    bundle: str = typer.Argument(help="Folder or URL of a bundle."),
    port: int = typer.Option(0, min=0, max=65535, help="Port on 127.0.0.1; 0 takes any free one."),
    open_browser: bool = typer.Option(True, "--open/--no-open", help="Open the page in the browser."),
) -> None:
    """Browse the rows of a bundle and read its report, on a page that only this machine can open."""
    from sundog.studio.serve import serve

    server, url = serve(bundle, port)
    print(f"Sundog studio: {url}", flush=True)
    print("Press Ctrl-C to end.", flush=True)
    if open_browser:
        import webbrowser

        webbrowser.open(url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
