"""The peer's half of engine.py: llama.cpp through llama-cpp-python's C interface, same turns and output as engine-benchmark.

usage: peer.py MODEL THREADS PROMPT GENERATION ROUNDS
"""
import ctypes
import json
import sys
import time

import llama_cpp as l


def decode(context, tokens, position):
    batch = l.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for i, token in enumerate(tokens):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, position + i, 1, 0
        batch.logits[i] = i == len(tokens) - 1
    status = l.llama_decode(context, batch)
    l.llama_batch_free(batch)
    if status != 0:
        raise RuntimeError(f"llama_decode: {status}")


def main():
    path, threads, prompt, generation, rounds = sys.argv[1], *map(int, sys.argv[2:])
    quiet = l.llama_log_callback(lambda level, text, data: None)  # kept: the library calls it later
    l.llama_log_set(quiet, ctypes.c_void_p(0))
    l.llama_backend_init()
    model = l.llama_model_load_from_file(path.encode(), l.llama_model_default_params())
    vocabulary = l.llama_model_get_vocab(model)
    size = l.llama_vocab_n_tokens(vocabulary)
    tokens = [(i * 7919 + 13) % min(size, 30000) for i in range(prompt)]
    parameters = l.llama_context_default_params()
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = prompt + generation + 2, 512, 512
    parameters.n_threads = parameters.n_threads_batch = threads
    context = l.llama_init_from_model(model, parameters)
    for _ in range(rounds):
        if not sys.stdin.readline():
            break
        l.llama_memory_clear(l.llama_get_memory(context), True)
        start = time.perf_counter()
        decode(context, tokens, 0)
        token = best(context, size)
        middle = time.perf_counter()
        for i in range(generation):
            decode(context, [token], prompt + i)
            token = best(context, size)
        end = time.perf_counter()
        print(json.dumps({"prompt": prompt / (middle - start), "generation": generation / (end - middle)}), flush=True)


def best(context, size):
    import numpy as np

    return int(np.ctypeslib.as_array(l.llama_get_logits_ith(context, -1), shape=(size,)).argmax())


main()
