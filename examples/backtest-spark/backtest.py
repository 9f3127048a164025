"""Decides recorded sessions on a Spark cluster, as `leverframe replay --format jsonl` does on one machine.

Usage: spark-submit backtest.py FRAME OUT RECORD… [--accept-unproven]

A record falls apart into parts that share no session and no principal, agent or tenant whose history the policy reads. What is decided in one part changes
nothing in another, so each part is decided by itself, in the record's order, by the Python package `leverframe`. OUT holds a folder `record=NAME` for each record;
its part files, one after the other, are the decisions in the order of the lines.

Every record is a file with a name of its own. An error of a record ends the job.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Optional

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f

from leverframe import Policy
from leverframe.records import Came, Event, Made, RecordError, Replay, read

# What of a line the job reads itself; `value` is the line.
PARSED = "file string, block long, place int, value binary, kind string, at long, session string, principal string, agent string, tenant string, id string"
DECIDED = "file string, line long, decision string"
BATCH = 2_000
# Pairs of a session and a key up to which the driver finds the parts by itself.
DRIVER_PAIRS = 1_000_000


def lines(spark: SparkSession, records: list[str]) -> DataFrame:
    """The lines with their place in their block; a block is a stretch of a file that one task reads."""
    text = spark.read.option("lineSep", "\n").text(records)
    rows = text.select(
        f.col("_metadata.file_path").alias("file"),
        f.col("_metadata.file_block_start").alias("block"),
        f.monotonically_increasing_id().alias("order"),
        f.col("value").cast("binary").alias("value"),
    )
    place = f.row_number().over(Window.partitionBy("file", "block").orderBy("order"))
    return rows.withColumn("place", place).drop("order")


def parse(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Reads lines; a blank one has no kind."""
    for batch in batches:
        found = []
        for row in batch.to_pylist():
            kind = at = id = None
            names: tuple[Optional[str], ...] = (None, None, None, None)
            if row["value"].strip(b" \t\n\r\x0c"):
                try:
                    at, line = read(row["place"], row["value"])
                except RecordError as error:
                    raise ValueError(f"{row['file']}, in the block at byte {row['block']}: {error}") from error
                kind = type(line).__name__
                id = line.of if isinstance(line, Came) else line.id if isinstance(line, Made) else None
                names = names if isinstance(line, Came) else line.names
            found.append((row["file"], row["block"], row["place"], row["value"], kind, at, *names, id))
        yield table(found, PARSED)


def table(rows: list[tuple[Any, ...]], schema: str) -> pa.RecordBatch:
    """Rows as Arrow has them."""
    types = {"string": pa.string(), "long": pa.int64(), "int": pa.int32(), "binary": pa.binary()}
    fields = [pa.field(name, types[kind]) for name, kind in (column.split() for column in schema.split(", "))]
    columns = zip(*rows) if rows else ([] for _ in fields)
    return pa.RecordBatch.from_arrays([pa.array(list(column), field.type) for column, field in zip(columns, fields)], schema=pa.schema(fields))


def timed(spark: SparkSession, parsed: DataFrame) -> DataFrame:
    """The lines that are not blank, with their number in the file and their time: one without `at` is a millisecond after the one before it."""
    order = Window.partitionBy("file", "block").orderBy("place").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    counted = parsed.withColumn("count", f.sum(f.col("kind").isNotNull().cast("long")).over(order))
    told = f.when(f.col("at").isNotNull(), f.struct("at", "count"))
    counted = counted.withColumn("told", f.last(told, ignorenulls=True).over(order))
    ends = counted.groupBy("file", "block").agg(f.max("place"), f.max("count"), f.max_by("told", "place"))
    bases = spark.createDataFrame(based(ends.collect()), "file string, block long, lines long, last long")
    since = f.col("told.at") + f.col("count") - f.col("told.count")
    time = f.coalesce(since, f.col("last") + f.col("count"))
    rows = counted.join(f.broadcast(bases), ["file", "block"]).where("kind is not null")
    return rows.withColumn("line", f.col("lines") + f.col("place")).withColumn("at", time).drop("block", "place", "count", "told", "lines", "last")


def based(ends: list[Any]) -> list[tuple[str, int, int, int]]:
    """How many lines are before each block of a file, and the time of the last of them; a file begins a millisecond after -1."""
    found, lines, last, file = [], 0, -1, None
    for name, block, places, count, told in sorted(ends, key=lambda end: end[:2]):
        if name != file:
            file, lines, last = name, 0, -1
        found.append((name, block, lines, last))
        lines += places
        last = last + count if told is None else told["at"] + count - told["count"]
    return found


def joined(rows: DataFrame) -> DataFrame:
    """Which calls have their result in a line of its own, and whose such a result is."""
    results = rows.where("kind = 'Came'").select("file", "id").distinct().withColumn("awaited", f.lit(True))
    rows = rows.join(results, ["file", "id"], "left").withColumn("awaited", f.coalesce("awaited", f.lit(False)))
    calls = rows.where("kind = 'Made' and awaited").select("file", "id", f.col("session").alias("of"))
    twice = calls.groupBy("file", "id").count().where("count > 1").first()
    if twice:
        raise ValueError(f"{twice['file']}: two calls have the id `{twice['id']}`, which a line of a result names")
    came = rows.where("kind = 'Came'").join(calls, ["file", "id"], "left").withColumn("session", f.col("of")).drop("of")
    stray = came.where("session is null").first()
    if stray:
        raise ValueError(f"{stray['file']}, line {stray['line']}: `result_of` names the call `{stray['id']}`, and no line has that id")
    return rows.where("kind != 'Came'").unionByName(came)


def parts(rows: DataFrame, kinds: list[str], driver_pairs: int = DRIVER_PAIRS) -> DataFrame:
    """For each session the part that it belongs to: the connected component of the keys that the policy reads."""
    node = lambda kind: f.to_json(f.array(f.col("file"), f.lit(kind), f.col(kind)))  # noqa: E731
    sessions = rows.select("file", "session", node("session").alias("node")).distinct()
    shared = [kind for kind in kinds if kind != "session"]
    edges = [rows.where(f.col(kind).isNotNull()).select(node("session").alias("a"), node(kind).alias("b")) for kind in shared]
    if not edges:
        return sessions.select("file", "session", f.col("node").alias("part"))
    pairs = union(edges).distinct().localCheckpoint()
    stars = contracted(pairs) if pairs.count() > driver_pairs else collected(pairs)
    return sessions.join(stars, sessions["node"] == stars["a"], "left").select("file", "session", f.coalesce("b", "node").alias("part"))


def union(frames: list[DataFrame]) -> DataFrame:
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    return whole


def collected(pairs: DataFrame) -> DataFrame:
    """Each node with the first of its component, found on the driver."""
    above: dict[str, str] = {}

    def first(node: str) -> str:
        while above.setdefault(node, node) != node:
            above[node] = node = above[above[node]]
        return node

    for a, b in pairs.collect():
        low, high = sorted((first(a), first(b)))
        above[high] = low
    found = [(node, first(node)) for node in list(above)]
    return pairs.sparkSession.createDataFrame(found, "a string, b string")


def contracted(edges: DataFrame) -> DataFrame:
    """Each node with the least of its component (Kiveris and others, Connected components in MapReduce and beyond, 2014: large star, small star)."""
    while True:
        around = edges.unionByName(edges.select(f.col("b").alias("a"), f.col("a").alias("b"))).localCheckpoint()
        least = around.groupBy("a").agg(f.least(f.min("b"), f.first("a")).alias("least"))
        large = around.join(least, "a").where("b > a").select(f.col("b").alias("a"), f.col("least").alias("b")).distinct().localCheckpoint()
        least = large.groupBy("a").agg(f.min("b").alias("least"))
        small = large.join(least, "a").where("b != least").select(f.col("b").alias("a"), f.col("least").alias("b"))
        after = small.unionByName(least.select("a", f.col("least").alias("b"))).distinct().localCheckpoint()
        if after.count() == edges.count() and after.subtract(edges).isEmpty():
            return after
        edges = after


def decide(frame: bytes, accept_unproven: bool) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Decides parts, one after the other, each from its first line on."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        policy = Policy.load(frame, accept_unproven=accept_unproven)
        part, replay, found = None, Replay(policy), []
        for batch in batches:
            for row in batch.to_pylist():
                if (row["file"], row["part"]) != part:
                    part, replay = (row["file"], row["part"]), Replay(policy)
                try:
                    line = read(row["line"], row["value"]).of
                    decision = replay.take(row["line"], line, row["at"], row["awaited"])
                except RecordError as error:
                    raise ValueError(f"{row['file']}: {error}") from error
                if decision is not None:
                    found.append((row["file"], row["line"], decision.to_json()))
            if len(found) >= BATCH:
                yield table(found, DECIDED)
                found = []
        yield table(found, DECIDED)

    return run


def backtest(spark: SparkSession, frame: bytes, records: list[str], accept_unproven: bool) -> DataFrame:
    """The decisions of records: file, line and the line of JSON."""
    policy = Policy.load(frame, accept_unproven=accept_unproven)
    parsed = lines(spark, records).mapInArrow(parse, PARSED).persist()
    rows = joined(timed(spark, parsed)).persist()
    rows = rows.join(parts(rows, policy.keys), ["file", "session"]).select("file", "part", "line", "at", "awaited", "value")
    ordered = rows.repartition("file", "part").sortWithinPartitions("file", "part", "line")
    return ordered.mapInArrow(decide(frame, accept_unproven), DECIDED)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("frame", type=Path)
    options.add_argument("out")
    options.add_argument("records", nargs="+")
    options.add_argument("--accept-unproven", action="store_true")
    given = options.parse_args()
    spark = SparkSession.builder.appName("leverframe-backtest").getOrCreate()
    decisions = backtest(spark, given.frame.read_bytes(), given.records, given.accept_unproven)
    named = decisions.withColumn("record", f.element_at(f.split("file", "/"), -1))
    named.orderBy("file", "line").select("record", "decision").write.partitionBy("record").option("lineSep", "\n").text(given.out)
    spark.stop()


if __name__ == "__main__":
    main()
