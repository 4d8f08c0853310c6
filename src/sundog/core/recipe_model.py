"""What a recipe says of a language model. Kinds and checks that ask one share this."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from sundog.core.recipe import Spec


class ModelSpec(Spec, frozen=True):
    """Which model is asked, and how it may be used. Keys are read from the environment and never written anywhere."""

    endpoint: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Base URL of an OpenAI-compatible server, `https://host/v1`; a user name or password in it is refused.",
    )
    name: str | None = Field(None, description="Name of the model at the endpoint.")
    gguf: str | None = Field(None, description="A GGUF file by its path, or `hf:OWNER/REPO/FILE` of Hugging Face.")
    embedded: Literal["smollm2"] | None = Field(
        None, description="The model that needs no network and no account; the default where nothing else is stated."
    )
    key_from: str = Field(
        "OPENAI_API_KEY",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Environment variable that holds the endpoint's key.",
    )
    concurrency: int = Field(
        64, ge=1, le=4096, description="Most questions that wait at the endpoint at once, over all workers."
    )
    requests_per_minute: int | None = Field(None, ge=1, description="Limit of requests, over all workers.")
    tokens_per_minute: int | None = Field(None, ge=1, description="Limit of tokens, over all workers.")
    tries: int = Field(6, ge=1, le=20, description="Most requests for one answer, the first one included.")
    timeout: float = Field(120.0, gt=0, description="Seconds that one request may take.")
    batch: bool = Field(False, description="Ask through the endpoint's batch interface, where it has one.")
    structured: Literal["auto", "schema", "object", "words"] = Field(
        "auto",
        description="How the form of an answer is asked for: JSON Schema, any JSON object, in words; `auto` finds what the endpoint takes.",
    )
    context: int = Field(
        4096, ge=256, description="Tokens of question and answer together, for files and the embedded model."
    )
    price_asked: float = Field(0.0, ge=0, description="Price of a million tokens asked, for the ledger.")
    price_answered: float = Field(0.0, ge=0, description="Price of a million tokens answered, for the ledger.")
    temperature: float = Field(0.7, ge=0, le=2, description="0 takes the likeliest token.")
    top_p: float = Field(0.95, gt=0, le=1, description="Share of the probability that is drawn from.")
    most_tokens: int = Field(512, ge=1, description="Most tokens of one answer.")

    @model_validator(mode="after")
    def _one_way(self) -> ModelSpec:
        ways = [w for w in ("endpoint", "gguf", "embedded") if getattr(self, w) is not None]
        if len(ways) > 1:
            raise ValueError(f"a model is one of 'endpoint', 'gguf' and 'embedded', not {' and '.join(ways)}")
        if self.endpoint is not None and "@" in urlsplit(self.endpoint).netloc:  # said here, where it is not said back
            raise ValueError(
                "'endpoint' holds a user name or a password: leave it out, and put the key into the environment variable "
                f"{self.key_from}"
            )
        if self.endpoint is not None and not self.name:
            raise ValueError("'name' is needed beside 'endpoint': the model that is asked there")
        if self.batch and self.endpoint is None:
            raise ValueError("'batch' needs an 'endpoint'")
        return self
