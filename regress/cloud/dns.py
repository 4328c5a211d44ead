"""A name server for tests: every name is 127.0.0.1, and has no other address.

usage: dns.py ADDRESS LOG
"""
import socket
import struct
import sys

A = 1


def answer(query):
    """RFC 1035 section 4.1: the question comes back, with a record or none"""
    end = query.index(b"\0", 12) + 5
    question = query[12:end]
    kind = struct.unpack(">H", question[-4:-2])[0]
    count = 1 if kind == A else 0
    head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, count, 0, 0)
    record = b""
    if count:
        record = struct.pack(">HHHIH", 0xc00c, A, 1, 60, 4)
        record += socket.inet_aton("127.0.0.1")
    return head + question + record


def name_of(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    return ".".join(labels)


def main():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((sys.argv[1], 53))
    with open(sys.argv[2], "a") as log:
        log.write("ready\n")
        log.flush()
        while True:
            query, peer = udp.recvfrom(512)
            log.write("asked %s\n" % name_of(query))
            log.flush()
            udp.sendto(answer(query), peer)


main()
