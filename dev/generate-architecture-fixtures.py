#!/usr/bin/env python3
"""Makes Tests/Fixtures/architectures/*.f32: llama.cpp's logits for the variants that variants.json there lists.

    pip install llama-cpp-python==0.3.36 gguf numpy
    dev/generate-architecture-fixtures.py [SHARED]

The tiny models of SHARED/conformance/architectures have small random weights: logits hardly depend on where a head looks or
which expert answers. Here they do, so that a wrong rotation, window, scale or route shows. ArchitectureVariant.swift builds
the same files by the same rules. For each variant it prints how far the logits are from those of the file it is made from.
"""
import ctypes
import json
import pathlib
import sys
import tempfile

import gguf
import llama_cpp as L
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Tests/Fixtures/architectures"
MODELS = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared") / "conformance/architectures"
CONTEXT = 256  # as long as the tokens and more, so that Phi's long factors are chosen


def amplify(name, values):
    """Changes a tensor's values where they are."""
    if "attn_q.weight" in name or "attn_k.weight" in name:
        values *= 10
    if "attn_v.weight" in name or "attn_output.weight" in name:
        values *= 8
    if "ffn_" in name and "weight" in name and "norm" not in name:
        values *= 8
    if "gate_inp" in name:
        values *= 30
    if "norm" in name:
        values += 1
    if name.endswith(".scale"):
        values[:] = [0.9 + 0.2 * index for index in range(values.size)]
    if name == "rope_freqs.weight":
        values[:] = np.linspace(1, 8, values.size)
    if "rope_factors" in name:
        values[:] = np.linspace(1, 3 if "short" in name else 20, values.size)


def write(path, source, settings):
    reader = gguf.GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(path, architecture)
    settings = {f"{architecture}.{key}": value for key, value in settings.items()}
    for field in reader.fields.values():
        if field.name.startswith(("GGUF.", "tokenizer.")) or field.name in ("general.architecture", *settings):
            continue
        element = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        if element is not None and not field.contents():
            continue  # gguf-py does not write empty arrays
        writer.add_key_value(field.name, field.contents(), field.types[0], element)
    kinds = {str: gguf.GGUFValueType.STRING, int: gguf.GGUFValueType.UINT32, float: gguf.GGUFValueType.FLOAT32}
    for key, value in settings.items():
        writer.add_key_value(key, value, kinds[type(value)])
    writer.add_string("tokenizer.ggml.model", "none")
    for tensor in reader.tensors:
        values = tensor.data.copy()
        amplify(tensor.name, values)
        writer.add_tensor(tensor.name, values, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def logits(path, tokens):
    model = L.llama_model_load_from_file(str(path).encode(), L.llama_model_default_params())
    parameters = L.llama_context_default_params()
    parameters.n_ctx = CONTEXT
    parameters.n_batch = parameters.n_ubatch = 512
    parameters.n_threads = parameters.n_threads_batch = 1
    parameters.type_k = parameters.type_v = 0  # F32
    parameters.flash_attn_type = 0  # off
    context = L.llama_init_from_model(model, parameters)
    size = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
    batch = L.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for row, token in enumerate(tokens):
        batch.token[row], batch.pos[row], batch.logits[row] = token, row, 1
        batch.n_seq_id[row], batch.seq_id[row][0] = 1, 0
    assert L.llama_decode(context, batch) == 0
    rows = [np.ctypeslib.as_array(L.llama_get_logits_ith(context, row), shape=(size,)) for row in range(len(tokens))]
    return np.stack(rows).copy()


@L.llama_log_callback
def report(level, text, data):
    if level == 4:  # errors
        sys.stderr.write(text.decode(errors="replace"))


def main():
    L.llama_log_set(report, ctypes.c_void_p(0))
    L.llama_backend_init()
    index = json.loads((MODELS / "index.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        for name, variant in json.loads((FIXTURES / "variants.json").read_text())["variants"].items():
            path = pathlib.Path(folder, name + ".gguf")
            source = MODELS / (variant["file"] + ".gguf")
            write(path, source, variant.get("settings", {}))
            values = logits(path, index[source.name]["tokens"])
            values[3::4].astype("<f4").tofile(FIXTURES / (name + ".f32"))
            plain = np.fromfile(source.with_suffix(".logits.f32"), dtype="<f4").reshape(values.shape)
            print(f"{name:26} NMSE from the unchanged {((values - plain) ** 2).sum() / (plain ** 2).sum():.3g}")


main()
