"""Writes a recorded session, given as JSON Lines, as a Parquet file: another implementation than that which reads it.

Usage: parquet.py IN.jsonl OUT.parquet [compression=snappy] [at=int64] [rows=1000] [page=1048576] [version=1.0] [dictionary=yes]
"""

import datetime
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

TEXTS = ["id", "session", "persona", "tool", "result_of", "event", "principal", "agent", "tenant"]
JSON = ["args", "context", "result", "expect", "expect_rule", "expect_code"]
DECODER = json.JSONDecoder()
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def past_space(text, place):
    while text[place] in " \t\r\n":
        place += 1
    return place


def members(line):
    """The members of an object: each value, and the text that it was."""
    place, found = past_space(line, 0) + 1, {}
    while True:
        key, place = DECODER.raw_decode(line, past_space(line, place))
        start = past_space(line, past_space(line, place) + 1)
        value, place = DECODER.raw_decode(line, start)
        found[key] = value, line[start:place]
        place = past_space(line, place)
        if line[place] == "}":
            return found
        place += 1


def millis(value):
    if value is None or isinstance(value, int):
        return value
    since = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")) - EPOCH
    return since // datetime.timedelta(milliseconds=1)


def times(values, kind):
    if kind == "text":
        shown = [None if at is None else (EPOCH + datetime.timedelta(milliseconds=at)).isoformat() for at in values]
        return pa.array(shown, pa.string())
    if kind in ("int64", "ms"):
        return pa.array(values, pa.int64() if kind == "int64" else pa.timestamp("ms", "UTC"))
    unit = "ns" if kind == "int96" else kind
    each = {"us": 1_000, "ns": 1_000_000}[unit]
    return pa.array([None if at is None else at * each for at in values], pa.timestamp(unit))


def main(source, target, **options):
    with open(source, encoding="utf-8", newline="\n") as file:
        lines = [members(line) for line in file if line.strip()]
    kind = options.get("at", "int64")
    columns = {"unknown": pa.array([[1, 2]] * len(lines), pa.list_(pa.int64()))}
    for name in TEXTS:
        columns[name] = pa.array([line.get(name, (None, None))[0] for line in lines], pa.string())
    for name in JSON:
        columns[name] = pa.array([line.get(name, (None, None))[1] for line in lines], pa.string())
    columns["at"] = times([millis(line.get("at", (None, None))[0]) for line in lines], kind)
    columns["approved"] = pa.array([line.get("approved", (None, None))[0] for line in lines], pa.bool_())
    # What no line has is left out, or is a column of nulls that has no type.
    for name in [name for name, column in columns.items() if column.null_count == len(lines)]:
        columns[name] = pa.nulls(len(lines))
    pq.write_table(
        pa.table(columns),
        target,
        compression=options.get("compression", "snappy"),
        row_group_size=int(options.get("rows", "1000")),
        data_page_size=int(options.get("page", "1048576")),
        data_page_version=options.get("version", "1.0"),
        use_dictionary=options.get("dictionary", "yes") == "yes",
        use_deprecated_int96_timestamps=kind == "int96",
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], **dict(option.split("=", 1) for option in sys.argv[3:]))
