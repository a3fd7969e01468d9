"""The peer's half of the drivers: llama.cpp through llama-cpp-python's C interface, same turns and output as engine-benchmark.

usage: peer.py MODEL THREADS PROMPT GENERATION ROUNDS [DEPTH [CACHE [SEQUENCES]]]
       peer.py --logits MODEL THREADS TEXT TOKENS CHUNK OUTPUT      float32 [tokens, vocabulary], F32 cache
"""
import ctypes
import json
import sys
import time

import llama_cpp as l
import numpy as np

TYPES = {"f32": 0, "f16": 1, "q8_0": 8}  # ggml_type


def decode(context, rows, outputs):
    """One llama_decode: rows of (token, position, sequence), of which `outputs` get logits."""
    batch = l.llama_batch_init(len(rows), 0, 1)
    batch.n_tokens = len(rows)
    for i, (token, position, sequence) in enumerate(rows):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, position, 1, sequence
        batch.logits[i] = i in outputs
    status = l.llama_decode(context, batch)
    l.llama_batch_free(batch)
    if status != 0:
        raise RuntimeError(f"llama_decode: {status}")


def evaluate(context, tokens, position, sequence=0):
    for start in range(0, len(tokens), 512):
        part = tokens[start:start + 512]
        rows = [(token, position + start + i, sequence) for i, token in enumerate(part)]
        decode(context, rows, {len(part) - 1} if start + len(part) == len(tokens) else set())


def open_model(path):
    quiet = l.llama_log_callback(lambda level, text, data: None)
    open_model.kept = quiet  # the library calls it later
    l.llama_log_set(quiet, ctypes.c_void_p(0))
    l.llama_backend_init()
    model = l.llama_model_load_from_file(path.encode(), l.llama_model_default_params())
    return model, l.llama_model_get_vocab(model)


def make_context(model, length, threads, cache, sequences=1):
    parameters = l.llama_context_default_params()
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = length * sequences, 512, 512
    parameters.n_seq_max, parameters.kv_unified = sequences, False
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.type_k = parameters.type_v = TYPES[cache]
    return l.llama_init_from_model(model, parameters)


def spread(places, size):
    return [(place * 7919 + 13) % min(size, 30000) for place in places]


def best(context, size, index=-1):
    return int(np.ctypeslib.as_array(l.llama_get_logits_ith(context, index), shape=(size,)).argmax())


def speed(path, threads, prompt, generation, rounds, depth=0, cache="f16", sequences=1):
    model, vocabulary = open_model(path)
    size = l.llama_vocab_n_tokens(vocabulary)
    context = make_context(model, depth + prompt + generation + 2, threads, cache, sequences)
    memory = l.llama_get_memory(context)
    filled = False
    for number in range(rounds):
        if not sys.stdin.readline():
            break
        if not filled:
            for sequence in range(sequences):
                evaluate(context, spread(range(depth), size), 0, sequence)
            filled = True
        for sequence in range(sequences):
            l.llama_memory_seq_rm(memory, sequence, depth, -1)
        tokens = spread(range(depth + number + 1, depth + number + 1 + prompt), size)
        start = time.perf_counter()
        for sequence in range(sequences):
            evaluate(context, tokens, depth, sequence)
        last = [best(context, size)] * sequences
        middle = time.perf_counter()
        for i in range(generation):
            position = depth + prompt + i
            decode(context, [(last[s], position, s) for s in range(sequences)], set(range(sequences)))
            last = [best(context, size, s) for s in range(sequences)]
        end = time.perf_counter()
        speeds = {"prompt": prompt * sequences / (middle - start), "generation": generation * sequences / (end - middle)}
        print(json.dumps(speeds), flush=True)


def logits(path, threads, text, count, chunk, output):
    model, vocabulary = open_model(path)
    size = l.llama_vocab_n_tokens(vocabulary)
    data = open(text, "rb").read()
    buffer = (l.llama_token * (len(data) + 16))()
    found = l.llama_tokenize(vocabulary, data, len(data), buffer, len(buffer), False, False)
    tokens = list(buffer[:min(found, count)])
    context = make_context(model, chunk + 2, threads, "f32")
    with open(output, "wb") as file:
        for start in range(0, len(tokens), chunk):
            part = tokens[start:start + chunk]
            l.llama_memory_clear(l.llama_get_memory(context), True)
            for first in range(0, len(part), 512):
                rows = [(token, first + i, 0) for i, token in enumerate(part[first:first + 512])]
                decode(context, rows, set(range(len(rows))))
                for row in range(len(rows)):
                    file.write(np.ctypeslib.as_array(l.llama_get_logits_ith(context, row), shape=(size,)).tobytes())
    print(len(tokens))


if sys.argv[1] == "--logits":
    path, threads, text, count, chunk, output = sys.argv[2:]
    logits(path, int(threads), text, int(count), int(chunk), output)
else:
    arguments = sys.argv[1:] + ["0", "f16", "1"][len(sys.argv) - 6:]
    path, threads, prompt, generation, rounds, depth, cache, sequences = arguments
    speed(path, int(threads), int(prompt), int(generation), int(rounds), int(depth), cache, int(sequences))
