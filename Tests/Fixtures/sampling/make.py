#!/usr/bin/env python3
"""Makes llama.json: what llama.cpp's samplers leave of given logits, and with which probabilities.

Run with llama-cpp-python 0.3.36 (llama.cpp 0.5.0): `python3 make.py > llama.json`. No model is needed.
Each case: parameters by SamplingParameters' names; logits, by index into `logits`; tokens accepted before; the chain's
result as [token, probability], most likely first.
"""
import ctypes
import json
import random

import llama_cpp as L

DEFAULTS = dict(
    temperature=0.8, dynamicTemperatureRange=0.0, dynamicTemperatureExponent=1.0, topK=40, topP=0.95, minP=0.05,
    typicalP=1.0, topNSigma=-1.0, minimumKeep=0, repeatPenalty=1.0, frequencyPenalty=0.0, presencePenalty=0.0,
    repeatLastN=64, dryMultiplier=0.0, dryBase=1.75, dryAllowedLength=2, dryPenaltyLastN=64, xtcProbability=0.0,
    xtcThreshold=0.1, mirostat=0, mirostatTau=5.0, mirostatEta=0.1,
    order=["penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature"])

# Every truncation off, so that a case shows one sampler.
NEUTRAL = dict(temperature=1.0, topK=0, topP=1.0, minP=0.0)


def samplers(p, size):
    none = ctypes.POINTER(ctypes.c_char_p)()
    make = {
        "penalties": lambda: L.llama_sampler_init_penalties(
            size, p["repeatLastN"], p["repeatPenalty"], p["frequencyPenalty"], p["presencePenalty"]),
        "dry": lambda: L.llama_sampler_init_dry(
            None, p["dryMultiplier"], p["dryBase"], p["dryAllowedLength"], p["dryPenaltyLastN"], none, 0),
        "top_n_sigma": lambda: L.llama_sampler_init_top_n_sigma(p["topNSigma"]),
        "top_k": lambda: L.llama_sampler_init_top_k(p["topK"]),
        "typ_p": lambda: L.llama_sampler_init_typical(p["typicalP"], p["minimumKeep"]),
        "top_p": lambda: L.llama_sampler_init_top_p(p["topP"], p["minimumKeep"]),
        "min_p": lambda: L.llama_sampler_init_min_p(p["minP"], p["minimumKeep"]),
        "xtc": lambda: L.llama_sampler_init_xtc(p["xtcProbability"], p["xtcThreshold"], p["minimumKeep"], 1),
        "temperature": lambda: L.llama_sampler_init_temp_ext(
            p["temperature"], p["dynamicTemperatureRange"], p["dynamicTemperatureExponent"]),
    }
    if p["mirostat"] == 0:
        return [make[name]() for name in p["order"]] + [L.llama_sampler_init_dist(1)]
    if p["mirostat"] == 1:
        last = L.llama_sampler_init_mirostat(size, 1, p["mirostatTau"], p["mirostatEta"], 100)
    else:
        last = L.llama_sampler_init_mirostat_v2(1, p["mirostatTau"], p["mirostatEta"])
    return [L.llama_sampler_init_temp(p["temperature"]), last]


def run(logits, accepted, changes):
    p = {**DEFAULTS, **changes}
    data = (L.llama_token_data * len(logits))(*[(i, x, 0.0) for i, x in enumerate(logits)])
    bias = p.get("logitBias", {})
    chain = samplers(p, len(logits))
    if bias:
        biases = (L.llama_logit_bias * len(bias))(*[(int(t), b) for t, b in bias.items()])
        chain.insert(0, L.llama_sampler_init_logit_bias(len(logits), len(bias), biases))
    array = L.llama_token_data_array(data=data, size=len(logits), selected=-1, sorted=False)
    for sampler in chain:
        for token in accepted:
            L.llama_sampler_accept(sampler, token)
        L.llama_sampler_apply(sampler, ctypes.byref(array))
    result = [[array.data[i].id, array.data[i].p] for i in range(array.size) if array.data[i].p > 0]
    for sampler in chain:
        L.llama_sampler_free(sampler)
    result.sort(key=lambda pair: (-pair[1], pair[0]))
    return [[t, float(f"{q:.7g}")] for t, q in result]


def main():
    r = random.Random(1)
    single = ctypes.c_float
    def floats(values):
        return [float(f"{single(v).value:.9g}") for v in values]
    logits = [
        floats(r.gauss(0, 1) for _ in range(24)),
        floats(r.gauss(0, 3) for _ in range(200)),
        floats(r.expovariate(0.4) - 8 for _ in range(300)),
        floats(12 - 1.3 * i ** 0.5 + r.gauss(0, 0.2) for i in range(64)),
    ]
    texts = [[], [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4],
             [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 7, 1, 2, 3, 4], [2, 2, 2, 2, 2, 2], [r.randrange(6) for _ in range(150)]]
    cases = []

    def case(changes, which=None, accepted=None):
        for index in range(len(logits)) if which is None else [which]:
            tokens = accepted or []
            cases.append(dict(
                parameters=changes, logits=index, accepted=tokens, expected=run(logits[index], tokens, changes)))

    case({})
    one = lambda **changes: case({**NEUTRAL, **changes})
    for t in [0.0, 0.05, 0.5, 1.5, 5.0]:
        one(temperature=t)
    for base, reach, exponent in [(0.8, 0.5, 1.0), (1.0, 1.5, 2.0), (0.7, 0.7, 0.5)]:
        one(temperature=base, dynamicTemperatureRange=reach, dynamicTemperatureExponent=exponent)
    for k in [1, 5, 40, 1000]:
        one(topK=k)
    for q in [0.0, 0.1, 0.5, 0.9, 0.99]:
        one(topP=q)
        one(minP=q)
        one(typicalP=q)
    one(topP=0.3, minimumKeep=7)
    one(minP=0.7, minimumKeep=7)
    one(typicalP=0.1, minimumKeep=7)
    for n in [0.5, 1.0, 2.0]:
        one(topNSigma=n)
    for threshold, keep in [(0.02, 0), (0.1, 0), (0.1, 60), (0.3, 0)]:
        one(xtcProbability=1.0, xtcThreshold=threshold, minimumKeep=keep)
    for tokens in texts:
        for changes in [dict(repeatPenalty=1.3), dict(repeatPenalty=0.8, repeatLastN=5), dict(frequencyPenalty=0.4),
                        dict(presencePenalty=0.7, frequencyPenalty=-0.2, repeatPenalty=1.1, repeatLastN=12),
                        dict(dryMultiplier=0.8), dict(dryMultiplier=0.5, dryBase=1.2, dryAllowedLength=0),
                        dict(dryMultiplier=1.0, dryPenaltyLastN=9, dryAllowedLength=1)]:
            case({**NEUTRAL, **changes}, 0, tokens)
    for tau in [0.5, 2.0, 5.0]:
        for version in [1, 2]:
            case(dict(mirostat=version, mirostatTau=tau, temperature=1.0))
    one(logitBias={"0": 2.5, "7": -100.0, "999999": 4.0})
    # Whole chains, in other orders too.
    for _ in range(24):
        order = DEFAULTS["order"][:]
        if r.random() < 0.6:
            r.shuffle(order)
        # The reference's top_n_sigma leaves what it drops among the candidates, as minus infinity, from which its typ_p
        # then computes not-a-number and its dynamic temperature another count: with sigma, those two stay off.
        sigma = r.choice([-1.0, 1.5])
        case(dict(
            order=order, topNSigma=sigma, temperature=r.choice([0.5, 0.8, 1.3]), topK=r.choice([0, 10, 100]),
            topP=r.choice([0.6, 0.9, 1.0]), minP=r.choice([0.0, 0.02, 0.2]), typicalP=r.choice([0.7, 1.0]) if sigma < 0 else 1.0,
            repeatPenalty=r.choice([1.0, 1.2]), dryMultiplier=r.choice([0.0, 0.9]),
            xtcProbability=r.choice([0.0, 1.0]), dynamicTemperatureRange=r.choice([0.0, 0.3]) if sigma < 0 else 0.0),
            r.randrange(len(logits)), r.choice(texts))
    text = json.dumps(dict(logits=logits, cases=cases), separators=(",", ":"))
    print(text.replace('{"parameters"', '\n{"parameters"'))


main()
