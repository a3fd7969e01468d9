#!/usr/bin/env python3
"""Peak memory of converting and quantizing a model that is far larger: fails above the limit.

usage: memory.py [--size 20] [--limit 400] [--plain] [--folder DIR]

Makes a checkpoint of so many GB (BF16, in shards), the same in GPTQ's 4 bits, and a GGUF file (F16), in the shape of a large Llama
and full of zeros: sparse files, which take no room on the disk but are read as any other. Quantized files are written whole, 6 GB for 20, and removed after each
turn; --plain also converts and exports without quantizing, which writes the whole size. Peak memory is what the system counts for
the process, resident pages of the mapped input included. Needs swiftlet built in release mode.
"""
import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
WIDTH, INNER, HEADS, GROUPS, VOCABULARY = 8192, 28672, 64, 8, 4096
SHARD = 5 * 10**9
# The name in a checkpoint, the name in a GGUF file, and the shape, outermost dimension first.
ENDS = [("model.embed_tokens", "token_embd", [VOCABULARY, WIDTH]), ("lm_head", "output", [VOCABULARY, WIDTH]),
        ("model.norm", "output_norm", [WIDTH])]
LAYER = [("input_layernorm", "attn_norm", [WIDTH]), ("post_attention_layernorm", "ffn_norm", [WIDTH]),
         ("self_attn.q_proj", "attn_q", [WIDTH, WIDTH]), ("self_attn.k_proj", "attn_k", [WIDTH // HEADS * GROUPS, WIDTH]),
         ("self_attn.v_proj", "attn_v", [WIDTH // HEADS * GROUPS, WIDTH]), ("self_attn.o_proj", "attn_output", [WIDTH, WIDTH]),
         ("mlp.gate_proj", "ffn_gate", [INNER, WIDTH]), ("mlp.up_proj", "ffn_up", [INNER, WIDTH]),
         ("mlp.down_proj", "ffn_down", [WIDTH, INNER])]


def elements(shape):
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


class Model:
    """The tensors of as many layers as make the size."""

    def __init__(self, size):
        ends, layer = (2 * sum(elements(shape) for _, _, shape in part) for part in (ENDS, LAYER))
        self.layers = max(1, -(-(size - ends) // layer))
        self.tensors = [(f"{name}.weight", f"{other}.weight", shape) for name, other, shape in ENDS]
        for index in range(self.layers):
            self.tensors += [(f"model.layers.{index}.{name}.weight", f"blk.{index}.{other}.weight", shape)
                             for name, other, shape in LAYER]

    def stored(self, gptq):
        """Names, types and shapes of a checkpoint's tensors; with `gptq` matrices of layers in 4 bits, in groups of 128."""
        for name, _, shape in self.tensors:
            if not gptq or len(shape) == 1 or ".layers." not in name:
                yield name, "BF16", shape
                continue
            (outputs, inputs), stem = shape, name.removesuffix(".weight")
            yield f"{stem}.qweight", "I32", [inputs // 8, outputs]
            yield f"{stem}.qzeros", "I32", [inputs // 128, outputs // 8]
            yield f"{stem}.scales", "F16", [inputs // 128, outputs]

    def write_checkpoint(self, folder, gptq=False):
        # A small tokenizer: ids above its own get names that nothing else has.
        shutil.copytree(HERE / "../Tests/Fixtures/conversion/tok-spm", folder)
        settings = dict(
            architectures=["LlamaForCausalLM"], model_type="llama", hidden_size=WIDTH, intermediate_size=INNER,
            num_attention_heads=HEADS, num_key_value_heads=GROUPS, num_hidden_layers=self.layers, vocab_size=VOCABULARY,
            max_position_embeddings=8192, rms_norm_eps=1e-5, rope_theta=500000.0)
        if gptq:
            settings["quantization_config"] = dict(quant_method="gptq", bits=4, group_size=128, desc_act=False)
        (folder / "config.json").write_text(json.dumps(settings))
        shards, room = [[]], SHARD
        for name, kind, shape in self.stored(gptq):
            size = elements(shape) * (4 if kind == "I32" else 2)
            if size > room and shards[-1]:
                shards.append([])
                room = SHARD
            shards[-1].append((name, kind, shape, size))
            room -= size
        places = {}
        for number, tensors in enumerate(shards, 1):
            file = f"model-{number:05}-of-{len(shards):05}.safetensors"
            header, offset = {}, 0
            for name, kind, shape, size in tensors:
                header[name] = dict(dtype=kind, shape=shape, data_offsets=[offset, offset + size])
                places[name], offset = file, offset + size
            text = json.dumps(header).encode()
            write_sparse(folder / file, struct.pack("<Q", len(text)) + text, offset)
        (folder / "model.safetensors.index.json").write_text(json.dumps(dict(weight_map=places)))

    def write_gguf(self, path):
        settings = [("general.architecture", "llama"), ("general.file_type", 1), ("llama.block_count", self.layers),
                    ("llama.context_length", 8192), ("llama.embedding_length", WIDTH), ("llama.feed_forward_length", INNER),
                    ("llama.attention.head_count", HEADS), ("llama.attention.head_count_kv", GROUPS),
                    ("llama.vocab_size", VOCABULARY), ("llama.rope.dimension_count", WIDTH // HEADS),
                    ("llama.attention.layer_norm_rms_epsilon", 1e-5), ("tokenizer.ggml.model", "none")]
        header = b"GGUF" + struct.pack("<IQQ", 3, len(self.tensors), len(settings))
        for key, value in settings:
            header += text(key)
            if isinstance(value, str):
                header += struct.pack("<I", 8) + text(value)
            else:
                header += struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<II", 4, value)
        offset = 0
        for _, name, shape in self.tensors:
            f16 = len(shape) > 1
            header += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), int(f16), offset)
            offset += (elements(shape) * (2 if f16 else 4) + 31) // 32 * 32
        write_sparse(path, header + bytes(-len(header) % 32), offset)


def text(string):
    return struct.pack("<Q", len(string)) + string.encode()


def write_sparse(path, header, count):
    with open(path, "wb") as file:
        file.write(header)
        file.truncate(len(header) + count)


def size_of(path):
    files = [path] if path.is_file() else list(path.rglob("*"))
    return sum(file.stat().st_size for file in files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, default=20, help="GB of weights")
    parser.add_argument("--limit", type=float, default=400, help="MB of memory")
    parser.add_argument("--plain", action="store_true", help="also without quantizing; writes the whole size")
    parser.add_argument("--folder", help="where the files go (default: the system's temporary folder)")
    parser.add_argument("--swiftlet", default=str(HERE / "../.build/release/swiftlet"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = pathlib.Path(name)
        checkpoint, gptq, file, output = folder / "checkpoint", folder / "gptq", folder / "model.gguf", folder / "output"
        model = Model(int(options.size * 1e9))
        model.write_checkpoint(checkpoint)
        model.write_checkpoint(gptq, gptq=True)
        model.write_gguf(file)
        target = f"{output}.gguf"
        turns = [("quantize", source, target, kind) for source in (checkpoint, file) for kind in ("Q4_0", "Q4_K_M")]
        turns += [("convert", checkpoint, "--output", target, "--type", "q4_k_m"), ("quantize", gptq, target, "Q4_0")]
        if options.plain:
            turns += [("convert", checkpoint, "--output", target), ("export", file, "--output", output)]
        print("| command | from | GB | to GB | s | peak MB |\n|---|---|---|---|---|---|", flush=True)
        failed = False
        for turn in turns:
            seconds, peak = run([options.swiftlet, *turn])
            result = output if output.exists() else pathlib.Path(target)
            command = " ".join(str(part) for part in (turn[0], *turn[3:]) if part not in (target, output, "--output"))
            print(f"| {command} | {turn[1].name} | {size_of(turn[1]) / 1e9:.1f} | {size_of(result) / 1e9:.1f} | {seconds:.1f} "
                  f"| {peak:.0f} |", flush=True)
            failed = failed or peak > options.limit
            shutil.rmtree(result) if result.is_dir() else result.unlink()
    if failed:
        sys.exit(f"memory.py: more than {options.limit:.0f} MB")


def run(command):
    """Seconds and peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"memory.py: {' '.join(map(str, command[:3]))} ... failed\n{error}")
    return time.perf_counter() - start, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


main()
