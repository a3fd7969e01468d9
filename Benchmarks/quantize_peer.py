#!/usr/bin/env python3
"""One turn of llama.cpp's quantizer for quantize.py.

usage: quantize_peer.py SOURCE TARGET FILE_TYPE_ID THREADS [IMATRIX.dat]

Prints the seconds and the CPU seconds (all threads, user and system) of the one call. With an importance matrix it passes what
llama-quantize passes: each entry divided by its calls, and the four facts that go into the file.
"""
import ctypes
import resource
import struct
import sys
import time

import llama_cpp
import numpy

INTEGER, TEXT = 0, 3


class Matrix:
    """An importance matrix file of the old form (llama-imatrix's .dat): little-endian counts, names and F32 rows."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.path, self.entries, at = path, {}, 4
        for _ in range(struct.unpack_from("<i", data)[0]):
            length, = struct.unpack_from("<i", data, at)
            name = data[at + 4:at + 4 + length]
            calls, count = struct.unpack_from("<ii", data, at + 4 + length)
            at += 12 + length
            values = numpy.frombuffer(data, "<f4", count, at)
            self.entries[name] = values / numpy.float32(calls) if calls > 0 else values
            at += 4 * count
        self.chunks, length = struct.unpack_from("<ii", data, at)
        self.dataset = data[at + 8:at + 8 + length]

    def rows(self):
        rows = [
            llama_cpp.llama_model_imatrix_data(name, values.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), len(values))
            for name, values in self.entries.items()
        ]
        return (llama_cpp.llama_model_imatrix_data * (len(rows) + 1))(*rows)

    def facts(self):
        facts = [(TEXT, b"file", self.path.encode()[:127])]
        if self.dataset:
            facts.append((TEXT, b"dataset", self.dataset[:127]))
        facts.append((INTEGER, b"entries_count", len(self.entries)))
        if self.chunks > 0:
            facts.append((INTEGER, b"chunks_count", self.chunks))
        overrides = (llama_cpp.llama_model_kv_override * (len(facts) + 1))()
        for override, (tag, key, value) in zip(overrides, facts):
            override.tag, override.key = tag, b"quantize.imatrix." + key
            if tag == TEXT:
                override.value.val_str = value
            else:
                override.value.val_i64 = value
        return overrides


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    source, target, kind, threads, *matrix = sys.argv[1:]
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    options = llama_cpp.llama_model_quantize_default_params()
    options.nthread, options.ftype = int(threads), int(kind)
    if matrix:
        importance = Matrix(matrix[0])
        rows, facts = importance.rows(), importance.facts()
        options.imatrix = ctypes.cast(rows, type(options.imatrix))
        field = dict(options._fields_)["kv_overrides"]
        options.kv_overrides = ctypes.cast(facts, field)
    start, cpu = time.perf_counter(), processor_seconds()
    status = llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(options))
    print(time.perf_counter() - start, processor_seconds() - cpu)
    sys.exit(status)


main()
