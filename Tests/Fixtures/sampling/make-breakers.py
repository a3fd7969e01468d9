#!/usr/bin/env python3
"""Makes breakers.json: the tokens that llama.cpp's DRY penalizes, and by how much, with breakers in SmolLM2's vocabulary.

Run with llama-cpp-python 0.3.36 (llama.cpp 0.5.0): `python3 make-breakers.py SmolLM2-135M-Instruct.Q4_1.gguf > breakers.json`.
Each case: the breakers, tokens accepted before, and [token, penalty] at logits of 0, multiplier 1, base 1.75, window 64.
"""
import ctypes
import json
import random
import sys

import llama_cpp as L


def main():
    # Kept in a variable: the library keeps only the pointer.
    silent = L.llama_log_callback(lambda *_: None)
    L.llama_log_set(silent, None)
    parameters = L.llama_model_default_params()
    parameters.vocab_only = True
    model = L.llama_model_load_from_file(sys.argv[1].encode(), parameters)
    vocab = L.llama_model_get_vocab(model)
    size = L.llama_vocab_n_tokens(vocab)

    def tokenize(text):
        out = (L.llama_token * 200)()
        return list(out[:L.llama_tokenize(vocab, text.encode(), len(text.encode()), out, 200, False, True)])

    r = random.Random(2)
    parts = ["the", " cat", ":", " sat", "\n", "\n\n", " \"", "*", "User", ": ", "User:", "ser", " on", ".\n", "**", "a:b",
             "é", "e\u0301", " 日本", "語", "<|im_end|>", "im_end"]
    cases = []
    for texts in [["\n", ":", "\"", "*"], ["User:"], ["\n\n", "er:", "**"], ["<|im_end|>"], ["é", "日本語"], []]:
        array = (ctypes.c_char_p * len(texts))(*[t.encode() for t in texts])
        for _ in range(14):
            words = [r.choice(parts) for _ in range(4)] + r.sample([" cat", " sat", ":", "\n", "User:", "語"], 3)
            accepted = tokenize("".join(r.choice(words) for _ in range(40)))[-64:]
            # Ends as it began, so that there is something to repeat.
            accepted = (accepted + accepted[:r.randrange(2, 9)])[-64:]
            sampler = L.llama_sampler_init_dry(vocab, 1.0, 1.75, 2, 64, array, len(texts))
            for token in accepted:
                L.llama_sampler_accept(sampler, token)
            data = (L.llama_token_data * size)(*[(i, 0.0, 0.0) for i in range(size)])
            candidates = L.llama_token_data_array(data=data, size=size, selected=-1, sorted=False)
            L.llama_sampler_apply(sampler, ctypes.byref(candidates))
            penalties = [[data[i].id, float(f"{-data[i].logit:.7g}")] for i in range(size) if data[i].logit != 0]
            L.llama_sampler_free(sampler)
            cases.append(dict(breakers=texts, accepted=accepted, penalties=penalties))
    print(json.dumps(cases, separators=(",", ":")).replace('{"breakers"', '\n{"breakers"'))


main()
