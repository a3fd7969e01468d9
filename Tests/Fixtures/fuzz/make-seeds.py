#!/usr/bin/env python3
"""Makes the seeds of dev/fuzz's parsers of checkpoints, adapters and importance matrices: as small as they can be.

usage: make-seeds.py               (PyPI numpy, gguf 0.19.0)

Checkpoints and adapters are folders; a seed holds their files one after the other (dev/fuzz/Sources/Fuzz/InputFolder.swift).
"""
import json
import pathlib
import struct

import gguf
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CONVERSION = HERE.parent / "conversion"
CHECKPOINTS = json.loads((CONVERSION / "checkpoints.json").read_text())
# Every size of the fixtures' checkpoints, and what it shrinks to.
SIZES = {384: 40, 200: 40, 192: 24, 128: 16, 96: 12, 64: 8, 48: 6, 32: 4, 16: 2}
SETTINGS = ["hidden_size", "intermediate_size", "vocab_size", "head_dim", "shared_intermediate_size"]


def safetensors(tensors, metadata={"format": "pt"}):
    """tensors: (name, dtype, shape, bytes)"""
    header, data = {"__metadata__": metadata}, b""
    for name, dtype, shape, content in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def read_safetensors(path):
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    start = 8 + length
    tensors = [
        (name, t["dtype"], t["shape"], content[start + t["data_offsets"][0] : start + t["data_offsets"][1]])
        for name, t in header.items()
    ]
    return metadata, tensors


def folder(*files):
    """(name, contents); weights last"""
    return b"\0".join(
        name.encode() + b"\n" + (content if isinstance(content, bytes) else json.dumps(content).encode())
        for name, content in files
    )


def save(parser, name, content):
    (HERE / parser).mkdir(exist_ok=True)
    (HERE / parser / name).write_bytes(content)
    print(f"{parser}/{name}: {len(content)} bytes")


def zeros(tensors, dtype="BF16", size=2):
    shrunk = [(name, [SIZES.get(n, n) for n in shape]) for name, shape in tensors]
    return [(name, dtype, shape, bytes(size * int(np.prod(shape)))) for name, shape in shrunk]


def shrunk(config):
    config = {key: SIZES.get(value, value) if key in SETTINGS else value for key, value in config.items()}
    if "max_position_embeddings" in config and config["model_type"] == "bert":
        config["max_position_embeddings"] = 8
    if "rope_scaling" in config and "long_factor" in config["rope_scaling"]:
        config["rope_scaling"] = {"type": "longrope", "long_factor": [1.5], "short_factor": [1.0]}
    return config


def byte_pair():
    """A tokenizer.json of 40 tokens."""
    file = json.loads((CONVERSION / "tok-bpe/tokenizer.json").read_text())
    vocabulary = sorted(file["model"]["vocab"].items(), key=lambda item: item[1])[:32]
    known = {text for text, _ in vocabulary}
    merges = [m if isinstance(m, list) else m.split(" ") for m in file["model"]["merges"]]
    kept = [m for m in merges if m[0] in known and m[1] in known][:4]
    for left, right in kept:
        vocabulary.append((left + right, len(vocabulary)))
    file["model"]["vocab"] = dict(vocabulary)
    file["model"]["merges"] = kept
    for index, token in enumerate(file["added_tokens"]):
        token["id"] = len(vocabulary) + index
    return file


def word_piece():
    file = json.loads((CONVERSION / "tok-wpm/tokenizer.json").read_text())
    vocabulary = sorted(file["model"]["vocab"].items(), key=lambda item: item[1])[:40]
    file["model"]["vocab"] = dict(vocabulary)
    return file


def settings(kind):
    return json.loads((CONVERSION / f"tok-{kind}/tokenizer_config.json").read_text())


def checkpoints():
    for name, description in CHECKPOINTS.items():
        config = shrunk(description["config"])
        # One layer is enough.
        config["num_hidden_layers"] = 1
        tensors = [(n, s) for n, s in description["tensors"] if "layers.1." not in n and "layer.1." not in n]
        if name == "bert":
            tensors = [(n, [8, 8] if n.endswith("position_embeddings.weight") else s) for n, s in tensors]
        if name == "mixtral":
            config["num_local_experts"] = 2
            tensors = [(n, [2, 8] if n.endswith(".gate.weight") else s) for n, s in tensors
                       if "experts.2." not in n and "experts.3." not in n]
        files = [("config.json", config)]
        if description["tokenizer"] == "wpm":
            files += [("tokenizer_config.json", settings("wpm")), ("tokenizer.json", word_piece())]
            files += [(n, (CONVERSION / "tok-wpm" / n).read_bytes()) for n in ["modules.json", "1_Pooling/config.json"]]
            files += [("sentence_bert_config.json", {"max_seq_length": 4})]
        elif description["tokenizer"] == "bpe" or name in ["mixtral", "gemma3", "phi3"]:
            files += [("tokenizer_config.json", settings("bpe")), ("tokenizer.json", byte_pair())]
        if name == "qwen3":
            files[1:] = [
                ("tokenizer_config.json", {"tokenizer_class": "Qwen2Tokenizer", "chat_template": [
                    {"name": "default", "template": "a"}, {"name": "tool_use", "template": "b"}]}),
                ("vocab.json", byte_pair()["model"]["vocab"]),
                ("merges.txt", "\n".join(" ".join(m) for m in byte_pair()["model"]["merges"]).encode()),
                ("generation_config.json", {"top_k": 20, "top_p": 0.8, "temperature": 0.7}),
                ("README.md", b"---\nlicense: mit\nbase_model: [a/B-1B]\ntags: [x]\n---\n# A\n"),
            ]
        files.append(("model.safetensors", safetensors(zeros(tensors))))
        save("checkpoint", name, folder(*files))


def quantized():
    """A layer of llama with one matrix that is quantized in some way, cut where its method lets it."""
    for path in sorted((CONVERSION / "quantized").glob("*.safetensors")):
        metadata, tensors = read_safetensors(path)
        config = {
            "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 1, "intermediate_size": 96,
            "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 2, "max_position_embeddings": 256,
            "rms_norm_eps": 1e-5, "quantization_config": json.loads(metadata["quantization_config"]),
        }
        parts = [("model.embed_tokens.weight", "F16", [2, 64], bytes(256))]
        parts += [t for t in tensors if t[0] != "expected"]
        save("quantized", path.stem, folder(("config.json", config), ("model.safetensors", safetensors(parts))))


def adapters():
    layer = "base_model.model.model.layers.0."
    pairs = [
        ("self_attn.q_proj", 8, 8), ("self_attn.k_proj", 4, 8), ("block_sparse_moe.experts.0.w1", 12, 8),
        ("block_sparse_moe.experts.0.w2", 8, 12), ("block_sparse_moe.experts.0.w3", 12, 8),
        ("block_sparse_moe.experts.1.w1", 12, 8), ("block_sparse_moe.experts.1.w2", 8, 12),
        ("block_sparse_moe.experts.1.w3", 12, 8),
    ]
    config = {"peft_type": "LORA", "lora_alpha": 4, "r": 2}
    def weights(pairs):
        tensors = []
        for name, outputs, inputs in pairs:
            tensors += [(layer + name + ".lora_A.weight", [2, inputs]), (layer + name + ".lora_B.weight", [outputs, 2])]
        return tensors
    stable = {**config, "use_rslora": True, "alpha_pattern": {"q_proj": 8}, "alora_invocation_tokens": [1, 2]}
    norms = [(layer + "input_layernorm.weight", [8])]
    embeddings = [("base_model.model.model.embed_tokens.lora_embedding_A", [2, 400]),
                  ("base_model.model.model.embed_tokens.lora_embedding_B", [8, 2])]
    for name, settings, tensors in [
        ("attention", config, weights(pairs[:2])), ("experts", config, weights(pairs[2:])),
        ("stable", stable, weights(pairs[:1])), ("norms", config, norms + weights(pairs[1:2])),
        ("embeddings", config, embeddings),
    ]:
        content = safetensors(zeros(tensors))
        save("adapter", name, folder(("adapter_config.json", settings), ("adapter_model.safetensors", content)))
    path = HERE / "adapter" / "adapter.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 4)
    for name, shape in [("blk.0.attn_q.weight", (8, 8)), ("blk.0.ffn_down_exps.weight", (2, 8, 12))]:
        outer, (outputs, inputs) = shape[:-2], shape[-2:]
        writer.add_tensor(name + ".lora_a", np.ones((*outer, 2, inputs), np.float32))
        writer.add_tensor(name + ".lora_b", np.ones((*outer, outputs, 2), np.float16))
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def importance():
    (HERE / "imatrix").mkdir(exist_ok=True)
    writer = gguf.GGUFWriter(HERE / "imatrix" / "matrix.gguf", "")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", ["a.txt", "b.txt"])
    writer.add_uint32("imatrix.chunk_count", 3)
    writer.add_uint32("imatrix.chunk_size", 64)
    for name, matrices in [("blk.0.attn_q.weight", 1), ("blk.0.ffn_down_exps.weight", 2)]:
        writer.add_tensor(name + ".in_sum2", np.arange(4 * matrices, dtype=np.float32).reshape(matrices, 4))
        writer.add_tensor(name + ".counts", np.full((matrices, 1), 192, dtype=np.float32))
    finish(writer)
    content = struct.pack("<i", 2)
    for name in [b"blk.0.attn_q.weight", b"blk.0.ffn_up.weight"]:
        content += struct.pack("<i", len(name)) + name + struct.pack("<ii4f", 3, 4, 1, 2, 3, 4)
    save("imatrix", "old.dat", content)
    save("imatrix", "legacy.dat", content + struct.pack("<ii", 3, 5) + b"a.txt")


def sentence_piece():
    """Pieces of the fixture's tokenizer.model: the first, and one of each type."""
    content = (CONVERSION / "tok-spm/tokenizer.model").read_bytes()
    save("sentencepiece", "whole", content)
    save("sentencepiece", "beginning", content[: content.index(b"\x0a", 600)])


checkpoints()
quantized()
adapters()
importance()
sentence_piece()
