"""Reads of the lakehouse bench by Python's readers: the same files of the same server.

Usage: peer.py FROM_SECONDS TO_SECONDS KEY... with AWS_* and AWS_ENDPOINT_URL_S3 set; keys are BUCKET/PATH of the parts.
Prints a JSON object of seconds by reader and work; each is the median of RUNS in one process, after one to warm up.
"""

import json
import os
import statistics
import sys
import time

import polars
import pyarrow.dataset
import pyarrow.fs
import s3fs

RUNS = 5
FROM_S, TO_S = int(sys.argv[1]), int(sys.argv[2])
KEYS = sys.argv[3:]
ENDPOINT = os.environ["AWS_ENDPOINT_URL_S3"]
COLUMNS = ["S3", "S400"]

arrow_s3 = pyarrow.fs.S3FileSystem(
    access_key=os.environ["AWS_ACCESS_KEY_ID"],
    secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    endpoint_override=ENDPOINT.removeprefix("http://"),
    scheme="http",
    region="us-east-1",
)
fsspec_s3 = s3fs.S3FileSystem(
    key=os.environ["AWS_ACCESS_KEY_ID"],
    secret=os.environ["AWS_SECRET_ACCESS_KEY"],
    client_kwargs={"endpoint_url": ENDPOINT},
    use_listings_cache=False,
)
POLARS_OPTIONS = {
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
    "aws_endpoint_url": ENDPOINT,
    "aws_region": "us-east-1",
    "aws_allow_http": "true",
}


def arrow(filesystem):
    return pyarrow.dataset.dataset(KEYS, filesystem=filesystem, format="parquet")


def in_year(column):
    return (column >= FROM_S) & (column <= TO_S)


def scan():
    return polars.scan_parquet([f"s3://{key}" for key in KEYS], storage_options=POLARS_OPTIONS)


WORKS = {
    "pyarrow": {
        "columns": lambda: arrow(arrow_s3).to_table(columns=COLUMNS),
        "year": lambda: arrow(arrow_s3).to_table(filter=in_year(pyarrow.dataset.field("timestamp"))),
    },
    "pyarrow over fsspec": {
        "columns": lambda: arrow(fsspec_s3).to_table(columns=COLUMNS),
        "year": lambda: arrow(fsspec_s3).to_table(filter=in_year(pyarrow.dataset.field("timestamp"))),
    },
    "polars": {
        "columns": lambda: scan().select(COLUMNS).collect(),
        "year": lambda: scan().filter(in_year(polars.col("timestamp"))).collect(),
    },
}


def seconds(work):
    times = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


print(json.dumps({
    reader: {name: seconds(work) for name, work in works.items()} for reader, works in WORKS.items()
}))
