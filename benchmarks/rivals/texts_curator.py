"""Bespoke Curator: one question an item to an OpenAI-compatible endpoint through its own client, its cache, and Parquet. Telemetry and viewer are off."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.update(TELEMETRY_ENABLED="false", CURATOR_VIEWER="0", CURATOR_DISABLE_RICH_DISPLAY="1", HF_HUB_OFFLINE="1")
os.environ.update(
    OPENAI_API_KEY="none", CURATOR_CACHE_DIR=tempfile.mkdtemp(prefix="curator-"), LITELLM_LOCAL_MODEL_COST_MAP="True"
)

import litellm

# Its token counter wants a file from the network, which litellm brings along.
os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(litellm.__file__).parent / "litellm_core_utils" / "tokenizers")

from bespokelabs import curator
from texts_writing import run_texts, write_prompts


def make(url: str, items: int, folder: Path) -> int:
    """Its class LLM with the backend ``openai``; limits far above what it reaches."""
    limits = {
        "max_requests_per_minute": 10_000_000,
        "max_tokens_per_minute": 10_000_000_000,
        "max_concurrent_requests": 64,
    }
    llm = curator.LLM(
        model_name="stub", backend="openai", backend_params={"base_url": url, "require_all_responses": True, **limits}
    )
    made = llm(write_prompts(items))
    dataset = getattr(made, "dataset", made)
    dataset.to_parquet(str(folder / "texts.parquet"))
    return len(dataset)


if __name__ == "__main__":
    run_texts(make)
