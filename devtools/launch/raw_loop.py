"""Posts bodies like ``bare_loop.py``, and commits three times for each, as a lane must.

    python raw_loop.py URL KEY FILE DATABASE

Claim, evidence and record as three statements of psycopg2, each with its commit, and
nothing else: what a lane could be at best where it has PostgreSQL to convince as well.
Its tables are real ones, because the commits of temporary ones write nothing to disk.
"""

import json
import sys
import time
from pathlib import Path

import psycopg2
import requests

BEGIN = """
    DROP TABLE IF EXISTS bench_raw_attempt, bench_raw;
    CREATE TABLE bench_raw (id int PRIMARY KEY, state text, request text, answer text);
    CREATE TABLE bench_raw_attempt (id serial PRIMARY KEY, raw_id int, answer text);
"""
END = "DROP TABLE bench_raw_attempt, bench_raw"
CLAIM = """
    UPDATE bench_raw SET state = 'sending', request = %s
     WHERE id = %s AND state = 'waiting'
"""
WITNESS = "INSERT INTO bench_raw_attempt (raw_id, answer) VALUES (%s, %s)"
RECORD = """
    UPDATE bench_raw SET state = 'issued', answer = %s
     WHERE id = %s AND state = 'sending'
"""


def main(url, key, file, database):
    """Post all bodies over one connection; print how many a second."""
    bodies = json.loads(Path(file).read_text())
    connection = psycopg2.connect(dbname=database)
    cursor = connection.cursor()

    def commit(statement, *values):
        cursor.execute(statement, values)
        connection.commit()

    commit(BEGIN)
    for number in range(len(bodies)):
        commit("INSERT INTO bench_raw VALUES (%s, 'waiting')", number)
    headers = {"X-API-KEY": key, "Content-Type": "application/json"}
    session = requests.Session()
    start = time.perf_counter()
    for number, body in enumerate(bodies):
        commit(CLAIM, body, number)
        answer = session.post(url, data=body.encode(), headers=headers, timeout=60)
        commit(WITNESS, number, answer.text)
        commit(RECORD, answer.text, number)
    print(len(bodies) / (time.perf_counter() - start))
    commit(END)


if __name__ == "__main__":
    main(*sys.argv[1:])
