"""distilabel: TextGeneration over a pipeline's steps to an OpenAI-compatible endpoint, its cache, and Parquet."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.update(
    HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", OPENAI_API_KEY="none", DISTILABEL_LOG_LEVEL="WARNING"
)

from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import TextGeneration
from texts_writing import run_texts, write_prompts


def make(url: str, items: int, folder: Path) -> int:
    """Batches of 64, which it asks at once."""
    with Pipeline("texts", cache_dir=tempfile.mkdtemp(prefix="distilabel-")) as pipeline:
        load = LoadDataFromDicts(data=[{"instruction": p} for p in write_prompts(items)], batch_size=64)
        write = TextGeneration(llm=OpenAILLM(model="stub", base_url=url, api_key="none"), input_batch_size=64)
        load >> write
    dataset = pipeline.run(use_cache=False)["default"]["train"]
    dataset.to_parquet(str(folder / "texts.parquet"))
    return sum(text is not None for text in dataset["generation"])


if __name__ == "__main__":
    run_texts(make)
