"""dbldatagen on Spark in local mode, one core, one partition; Java's processor seconds are counted.

Makes: names and towns from short lists, streets, e-mail and telephone numbers from templates; each field on its own. Its distributions are
normal, beta, gamma and exponential: income is a gamma. The start of Spark is excluded from the first figure. It makes single tables; keys
into another table are hashes into its range, so that numbers of children and balances cannot be asked for: no shop.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import dbldatagen as dg
from dbldatagen.distributions import Gamma
from pyspark.sql import SparkSession
from records_lists import FAMILY, GIVEN, SEGMENTS, SHARES, STREETS, TOWNS

PACKAGES = ("dbldatagen", "pyspark", "numpy")
_SPARK: list[SparkSession] = []


def start() -> None:
    """Start Spark; what it takes is part of the start."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.memory": "2g",
        "spark.sql.parquet.compression.codec": "snappy",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[1]").appName("records")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.range(10).count()
    _SPARK.append(spark)


def make_customers(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """The table of customers."""
    spec = (
        dg.DataGenerator(
            _SPARK[0], name="customers", rows=rows, partitions=1, randomSeed=seed, randomSeedMethod="hash_fieldname"
        )
        .withColumn("customer", "long", minValue=1, uniqueValues=rows)
        .withColumn("given", "string", values=GIVEN, random=True, omit=True)
        .withColumn("family", "string", values=FAMILY, random=True, omit=True)
        .withColumn("name", "string", expr="concat(given, ' ', family)", baseColumn=["given", "family"])
        .withColumn("email", "string", template=r"\w.\w@e\x\ample.com", random=True)
        .withColumn("phone", "string", template=r"(ddd)-555-dddd", random=True)
        .withColumn("house", "integer", minValue=1, maxValue=9999, random=True, omit=True)
        .withColumn("road", "string", values=STREETS, random=True, omit=True)
        .withColumn("street", "string", expr="concat(house, ' ', road)", baseColumn=["house", "road"])
        .withColumn("city", "string", values=TOWNS, random=True)
        .withColumn("postcode", "string", template=r"ddddd", random=True)
        .withColumn("country", "string", values=["United States"])
        .withColumn(
            "birth_date",
            "date",
            data_range=dg.DateRange("1940-01-01 00:00:00", "2007-12-31 00:00:00", "days=1"),
            random=True,
        )
        .withColumn(
            "income", "double", minValue=5000.0, maxValue=200000.0, step=0.01, distribution=Gamma(2.0, 2.0), random=True
        )
        .withColumn(
            "segment", "string", values=list(SEGMENTS), weights=[int(100 * share) for share in SHARES], random=True
        )
        .withColumn(
            "signup",
            "timestamp",
            begin="2018-01-01 00:00:00",
            end="2025-12-31 23:59:59",
            interval="1 second",
            random=True,
        )
    )
    spec.build().write.mode("overwrite").parquet(str(folder / "customers"))
    return {"customers": rows}
