"""A name server for services, as a cluster has one: `names.py RECORDS`, a JSON file of names and addresses."""

import json
import socket
import struct
import sys
from pathlib import Path

A, IN, TTL = 1, 1, 5
ANSWER, UNKNOWN = 0x8580, 0x8583


def answer(query: bytes, records: dict[str, list[str]]) -> bytes:
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode().lower())
        at += 1 + length
    question = query[12 : at + 5]
    (kind,) = struct.unpack("!H", question[-4:-2])
    name = ".".join(labels)
    addresses = records.get(name, []) if kind == A else []
    flags = ANSWER if name in records else UNKNOWN
    header = query[:2] + struct.pack("!HHHHH", flags, 1, len(addresses), 0, 0)
    found = (struct.pack("!HHHIH", 0xC00C, A, IN, TTL, 4) + socket.inet_aton(a) for a in addresses)
    return header + question + b"".join(found)


if __name__ == "__main__":
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("0.0.0.0", 53))
        while True:
            asked, client = server.recvfrom(512)
            server.sendto(answer(asked, json.loads(Path(sys.argv[1]).read_text())), client)
