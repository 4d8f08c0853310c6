"""NeMo Data Designer: a seed column and one LLM text column to an OpenAI-compatible endpoint, its row groups in Parquet. Telemetry is off."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.update(NEMO_TELEMETRY_ENABLED="false", STUB_KEY="none")

import pandas as pd
import pyarrow.parquet as pq
from data_designer.config import (
    ChatCompletionInferenceParams,
    DataDesignerConfigBuilder,
    DataFrameSeedSource,
    LLMTextColumnConfig,
    ModelConfig,
    ModelProvider,
)
from data_designer.interface import DataDesigner
from texts_writing import run_texts, write_prompts


def make(url: str, items: int, folder: Path) -> int:
    """64 requests at once, its profiling of the finished table left on as it comes."""
    provider = ModelProvider(name="stub", endpoint=url, provider_type="openai", api_key="STUB_KEY")
    asked = ChatCompletionInferenceParams(max_parallel_requests=64, temperature=0.7)
    builder = DataDesignerConfigBuilder(
        model_configs=[
            ModelConfig(
                alias="writer", model="stub", provider="stub", inference_parameters=asked, skip_health_check=True
            )
        ]
    )
    builder.with_seed_dataset(DataFrameSeedSource(df=pd.DataFrame({"question": write_prompts(items)})))
    builder.add_column(LLMTextColumnConfig(name="text", prompt="{{ question }}", model_alias="writer"))
    designer = DataDesigner(artifact_path=folder, model_providers=[provider])
    designer.create(builder, num_records=items, dataset_name="texts")
    return sum(pq.read_metadata(p).num_rows for p in folder.glob("texts/parquet-files/*.parquet"))


if __name__ == "__main__":
    run_texts(make)
